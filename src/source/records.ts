/** Records of a CSV, told apart byte by byte: which are rows, which are not, and where each one stands. */

/** What is wrong with a record, for a person. */
export type RecordFault = string;

export interface RecordSink {
  /**
   * Well-formed records that lie next to each other, line ends included: `count` of them in data[start, end).
   * `line` is the 1-based line of the first. Runs are as long as the chunk allows unless `each` is set.
   */
  good(data: Buffer, start: number, end: number, count: number, line: number): void;
  /** One physical line that is no row, without its line end. */
  bad(data: Buffer, start: number, end: number, line: number, fault: RecordFault): void;
}

export interface ScannerOptions {
  /** Fields that every record must have. */
  fields: number;
  /** Report every good record on its own instead of in runs. */
  each?: boolean;
}

const QUOTE = 34;
const COMMA = 44;
const LF = 10;
const CR = 13;
/** A record longer than this is an unclosed quote that swallows the rows after it. */
export const LONGEST_RECORD = 1 << 20;
/** Of a longer line no more than this is kept as the text of its dead letter; the source has the rest. */
const LONGEST_TEXT = 2 << 20;

/**
 * Streaming RFC 4180 scanner. A record is bad when its number of fields differs, a quote opens inside an unquoted
 * field, text follows a closing quote, or a quote never closes. Of a bad record only the first physical line is given
 * up: scanning goes on at the next line, so that one stray quote never swallows the rows behind it.
 */
export class RecordScanner {
  /** Well-formed records so far, the header among them. */
  goodRecords = 0;
  badRecords = 0;
  /** Lines without a single character; they are no records. */
  blankLines = 0;
  lfLines = 0;
  crlfLines = 0;
  private carry: Buffer = Buffer.alloc(0);
  private line = 1;
  /** A line that is given up and whose end has not come yet: what is kept of it, and all its bytes. */
  private long: { parts: Buffer[]; bytes: number; fault: RecordFault } | null = null;

  constructor(
    private readonly sink: RecordSink,
    private readonly options: ScannerOptions,
  ) {}

  /** 1-based line of the next byte that is pushed. */
  nextLine(): number {
    let line = this.line;
    for (let at = this.carry.indexOf(LF); at >= 0; at = this.carry.indexOf(LF, at + 1)) line++;
    return line;
  }

  /** Feeds the next bytes. */
  push(chunk: Buffer): void {
    this.scan(this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk, false);
  }

  /** Ends the input; a last record without a line end counts. Returns false when there was one. */
  end(): boolean {
    const complete = this.carry.length === 0;
    if (!complete) this.scan(this.carry, true);
    if (!this.long) return complete;
    this.endLongLine();
    return false;
  }

  private scan(data: Buffer, final: boolean): void {
    const { fields, each } = this.options;
    let position = this.long ? this.giveUpLine(data, 0, this.long.fault, final) : 0;
    let runStart = 0;
    let runCount = 0;
    let runLine = this.line;
    const flush = () => {
      if (runCount > 0) this.sink.good(data, runStart, position, runCount, runLine);
      runCount = 0;
    };
    while (position < data.length) {
      const found = readRecord(data, position, fields, final);
      const tooLong = found.end - position > LONGEST_RECORD;
      // Not all of the record, or of the line that is given up, is here yet.
      if (!final && !tooLong && (found.fault === INCOMPLETE || data.indexOf(LF, position) < 0)) break;
      if (found.fault === null && !tooLong) {
        if (runCount === 0) {
          runStart = position;
          runLine = this.line;
        }
        runCount++;
        this.goodRecords++;
        this.line += found.lines;
        this.countLineEnd(data, found.end);
        position = found.end;
        if (each) flush();
        continue;
      }
      flush();
      position = this.giveUpLine(
        data,
        position,
        !found.fault || found.fault === INCOMPLETE ? UNCLOSED : found.fault,
        final,
      );
    }
    flush();
    this.carry = position < data.length ? Buffer.from(data.subarray(position)) : Buffer.alloc(0);
  }

  /**
   * Rejects the physical line at `start` and returns where the next one begins. A line whose end is not here yet stays one
   * line: its parts are gathered, and nothing in it is taken for a record.
   */
  private giveUpLine(data: Buffer, start: number, fault: RecordFault, final: boolean): number {
    const lineFeed = data.indexOf(LF, start);
    const next = lineFeed < 0 ? data.length : lineFeed + 1;
    let end = lineFeed < 0 ? data.length : lineFeed;
    if (this.long || (lineFeed < 0 && !final)) {
      this.long ??= { parts: [], bytes: 0, fault };
      if (this.long.bytes < LONGEST_TEXT) this.long.parts.push(Buffer.from(data.subarray(start, end)));
      this.long.bytes += end - start;
      if (lineFeed >= 0) this.endLongLine();
      return next;
    }
    if (end > start && data[end - 1] === CR) end--;
    if (end === start) this.blankLines++;
    else {
      this.badRecords++;
      this.sink.bad(data, start, end, this.line, fault);
    }
    this.line++;
    return next;
  }

  private endLongLine(): void {
    const { parts, bytes, fault } = this.long!;
    this.long = null;
    const text = Buffer.concat(parts);
    const kept = Math.min(text.length, LONGEST_TEXT);
    const end = kept === bytes && text[kept - 1] === CR ? kept - 1 : kept;
    const cut = kept < bytes ? `; the line has ${bytes} bytes, of which the first ${kept} are kept here` : '';
    this.badRecords++;
    this.sink.bad(text, 0, end, this.line, `${fault}${cut}`);
    this.line++;
  }

  private countLineEnd(data: Buffer, end: number): void {
    if (data[end - 1] !== LF) return;
    if (data[end - 2] === CR) this.crlfLines++;
    else this.lfLines++;
  }
}

const INCOMPLETE = 'incomplete';
const UNCLOSED = 'a quote opens and never closes';

interface FoundRecord {
  /** Behind the line end. */
  end: number;
  /** Physical lines the record covers. */
  lines: number;
  fault: RecordFault | null;
}

/** Reads the record that begins at `start`. The hot loop of the reading: everything above a comma is plain text. */
function readRecord(data: Buffer, start: number, fields: number, final: boolean): FoundRecord {
  const length = data.length;
  let at = start;
  let count = 1;
  let lines = 1;
  for (;;) {
    if (at < length && data[at] === QUOTE) {
      at++;
      for (;;) {
        while (at < length && data[at] !== QUOTE) {
          if (data[at] === LF) lines++;
          at++;
        }
        if (at >= length) return { end: at, lines, fault: INCOMPLETE };
        at++;
        if (at < length && data[at] === QUOTE) at++;
        else break;
      }
      if (at >= length && !final) return { end: at, lines, fault: INCOMPLETE };
      const next = at < length ? data[at] : LF;
      if (next !== COMMA && next !== LF && next !== CR) {
        return { end: at, lines, fault: 'text follows a closing quote' };
      }
    }
    let byte = 0;
    while (at < length) {
      byte = data[at]!;
      if (byte <= COMMA) {
        if (byte === COMMA || byte === LF) break;
        if (byte === QUOTE) return { end: at, lines, fault: 'a quote opens inside an unquoted value' };
        if (byte === CR && at + 1 < length && data[at + 1] !== LF) {
          return { end: at, lines, fault: 'a carriage return stands inside an unquoted value' };
        }
      }
      at++;
    }
    if (at >= length) {
      if (!final) return { end: at, lines, fault: INCOMPLETE };
      break;
    }
    at++;
    if (byte === LF) break;
    count++;
  }
  if (count === fields) return { end: at, lines, fault: null };
  return { end: at, lines, fault: `${count} values, ${fields} expected` };
}
