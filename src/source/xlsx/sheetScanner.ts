/** Cells of a sheet, out of its XML: the usual shape of a cell at one go, everything else tag by tag. */

import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { FORMAT, renderDate, renderNumber } from './numbers.ts';
import { CELL, columnName, Row } from './row.ts';
import type { SharedStrings } from './sharedStrings.ts';
import { findEscape, TextBuffer } from './textBuffer.ts';
import { ELEMENT, XmlScanner } from './xmlScanner.ts';

/** What cells mean besides their own text. */
export interface SheetContext {
  strings: SharedStrings;
  /** FORMAT by cell style. */
  styles: Uint8Array;
  date1904: boolean;
}

/** A cell names a string that was not read; it may still come when only the first strings were. */
export class StringMissing extends XlsxError {}

const OUTSIDE = 0;
const IN_SHEET = 1;
const IN_DATA = 2;
const IN_ROW = 3;
const IN_CELL = 4;
const IN_VALUE = 5;
const IN_INLINE = 6;
const IN_RUN = 7;
const IN_TEXT = 8;

/** Types of a cell, the attribute t. */
const TYPE = { n: 0, s: 1, inlineStr: 2, str: 3, b: 4, e: 5, d: 6 };
const TYPE_NAMES = new Map(Object.entries(TYPE));

const LT = 60;
const GT = 62;
const SLASH = 47;
const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
const UNDERSCORE = 95;
const LETTER_A = 65;
const LETTER_Z = 90;
const LETTER_C = 99;
const LETTER_R = 114;
const LETTER_S = 115;
const LETTER_V = 118;
/** Bytes that must be at hand for a cell to be read at one go; no tag and no number of the usual shape has more. */
const MARGIN = 256;
/** Longest text that is read at one go. */
const LONGEST_PLAIN = 4096;
/** Digits that a number shows as it is stored. */
const PRECISE = 15;

const SHARED = literal(' t="s"><v>');
const END_V = literal('</v></c>');
const INLINE = literal(' t="inlineStr"><is><t');
const PRESERVE = literal(' xml:space="preserve">');
const END_INLINE = literal('</t></is></c>');

/** Bytes that end or complicate a plain text: < & CR _ */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => Number([60, 38, 13, 95].includes(byte)));

/** Calls `onRow` for every row that holds a cell, in the order of the document. */
export class SheetScanner extends XmlScanner {
  readonly row: Row;
  private state = OUTSIDE;
  private textParent = OUTSIDE;
  private skipFrom = 0;
  private rowNumber = 0;
  /** Digits of `rowNumber`. */
  private rowDigits = 0;
  private lastColumn = -1;
  private ordered = true;
  private column = 0;
  private type = TYPE.n;
  private style = 0;
  private hasFormula = false;
  private hasValue = false;
  private readonly value: TextBuffer;

  constructor(
    part: string,
    private readonly context: SheetContext,
    private readonly limits: XlsxLimits,
    private readonly onRow: (row: Row) => void,
  ) {
    super(part, limits.tagBytes);
    this.row = new Row(context.strings, part, limits);
    this.value = new TextBuffer(part, limits.rowBytes);
  }

  protected open(element: number, from: number, to: number): void {
    if (this.skipFrom > 0) return;
    const { state } = this;
    if (state === IN_ROW && element === ELEMENT.c) this.openCell(from, to);
    else if (state === IN_CELL && element === ELEMENT.v) this.enter(IN_VALUE);
    else if (state === IN_CELL && element === ELEMENT.is) this.state = IN_INLINE;
    else if ((state === IN_INLINE || state === IN_RUN) && element === ELEMENT.t) this.enter(IN_TEXT);
    else if (state === IN_INLINE && element === ELEMENT.r) this.state = IN_RUN;
    else if (state === IN_DATA && element === ELEMENT.row) this.openRow(from, to);
    else if (state === IN_SHEET && element === ELEMENT.sheetData) this.state = IN_DATA;
    else if (state === OUTSIDE && element === ELEMENT.worksheet) this.state = IN_SHEET;
    else if (state === OUTSIDE) throw this.broken('is no worksheet');
    else {
      if (state === IN_CELL && element === ELEMENT.f) this.hasFormula = true;
      this.skipFrom = this.depth;
      this.wantsText = false;
    }
  }

  protected close(): void {
    if (this.skipFrom > 0) {
      if (this.depth === this.skipFrom) {
        this.skipFrom = 0;
        this.wantsText = this.state === IN_VALUE || this.state === IN_TEXT;
      }
      return;
    }
    switch (this.state) {
      case IN_TEXT:
      case IN_VALUE:
        this.state = this.textParent;
        this.wantsText = false;
        break;
      case IN_RUN:
        this.state = IN_INLINE;
        break;
      case IN_INLINE:
        this.state = IN_CELL;
        break;
      case IN_CELL:
        this.closeCell();
        this.state = IN_ROW;
        break;
      case IN_ROW:
        this.closeRow();
        this.state = IN_DATA;
        break;
      default:
        this.state--;
    }
  }

  protected text(start: number, end: number, cdata: boolean): void {
    this.value.appendXml(this.data, start, end, cdata);
  }

  private enter(state: number): void {
    this.textParent = this.state;
    this.state = state;
    this.wantsText = true;
    this.hasValue = true;
  }

  private openRow(from: number, to: number): void {
    this.rowNumber++;
    this.eachAttribute(from, to, (name, start, end) => {
      if (name === 114) this.rowNumber = Number(this.data.toString('latin1', start, end));
    });
    const number = this.rowNumber;
    if (!(Number.isInteger(number) && number > 0 && number <= this.limits.rows)) {
      throw this.broken(`has a row numbered ${number}; sheets end at ${this.limits.rows}`);
    }
    this.rowDigits = String(number).length;
    this.row.clear(number);
    this.lastColumn = -1;
    this.ordered = true;
    this.state = IN_ROW;
  }

  private closeRow(): void {
    if (!this.ordered) this.row.sort();
    if (this.row.count > 0) this.onRow(this.row);
  }

  private openCell(from: number, to: number): void {
    this.state = IN_CELL;
    this.column = this.lastColumn + 1;
    this.type = TYPE.n;
    this.style = 0;
    this.hasFormula = false;
    this.hasValue = false;
    this.value.clear();
    const { data } = this;
    this.eachAttribute(from, to, (name, start, end) => {
      if (name === 114) this.column = this.columnOf(data.toString('latin1', start, end));
      else if (name === 115) this.style = Number(data.toString('latin1', start, end)) || 0;
      else if (name === 116) this.type = TYPE_NAMES.get(data.toString('latin1', start, end)) ?? -1;
    });
    this.placeCell(this.column);
  }

  /** Column of a reference such as AB12; its row is that of the row. */
  private columnOf(reference: string): number {
    const letters = /^([A-Za-z]{1,3})(?![A-Za-z])/.exec(reference)?.[1]?.toUpperCase() ?? '';
    let column = 0;
    for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
    if (column === 0) throw this.broken(`has a cell at ${reference.slice(0, 20)}, which is no place`);
    return column - 1;
  }

  private placeCell(column: number): void {
    if (column >= this.limits.columns) {
      throw this.broken(
        `has a cell in column ${columnName(column)}; sheets end at ${this.limits.columns} columns`,
      );
    }
    if (column <= this.lastColumn) this.ordered = false;
    this.lastColumn = column;
  }

  /** Attributes with names of one letter and no prefix; the others mean nothing here. */
  private eachAttribute(from: number, to: number, found: (name: number, start: number, end: number) => void) {
    const { data } = this;
    let at = from;
    for (;;) {
      while (at < to && data[at]! <= 32) at++;
      if (at >= to) return;
      const name = at;
      while (at < to && data[at] !== EQUALS && data[at]! > 32) at++;
      const length = at - name;
      while (at < to && data[at]! <= 32) at++;
      if (at >= to || data[at] !== EQUALS) throw this.broken();
      at++;
      while (at < to && data[at]! <= 32) at++;
      const quote = data[at];
      const start = at + 1;
      at = start;
      while (at < to && data[at] !== quote) at++;
      if ((quote !== 34 && quote !== 39) || at >= to) throw this.broken();
      if (length === 1) found(data[name]!, start, at);
      at++;
    }
  }

  private closeCell(): void {
    const { row, value, type, column } = this;
    const isText = type === TYPE.inlineStr || type === TYPE.str;
    if (isText) value.unescape(0);
    // A text may be empty; any other cell without a value is blank, or a formula that nobody has computed.
    if (!this.hasValue || (value.length === 0 && !isText)) {
      if (this.hasFormula) row.add(column, CELL.formula, 0, 0);
      return;
    }
    if (type === TYPE.s) {
      this.addShared();
      return;
    }
    const kind = isText ? CELL.text : this.interpret();
    const start = row.text.copy(value.bytes, 0, value.length);
    row.add(column, kind, start, row.text.length);
  }

  private addShared(): void {
    const text = this.value.bytes.toString('latin1', 0, this.value.length).trim();
    const index = /^[0-9]{1,10}$/.test(text) ? Number(text) : -1;
    this.row.add(this.column, CELL.shared, this.checkIndex(index, text), 0);
  }

  private checkIndex(index: number, text: string | number): number {
    const { count } = this.context.strings;
    if (index >= 0 && index < count) return index;
    const what = `has the shared string ${text} in row ${this.rowNumber}, and there are ${count}`;
    throw new StringMissing(`${this.part} ${what}`);
  }

  /** Makes `value` what Excel shows of it, and says what kind of value that is. */
  private interpret(): number {
    const { value, type } = this;
    const stored = value.bytes.toString('utf8', 0, value.length);
    let kind: number = CELL.error;
    let shown: string | null = stored;
    if (type === TYPE.b) {
      kind = CELL.boolean;
      shown = { 1: 'TRUE', 0: 'FALSE', true: 'TRUE', false: 'FALSE' }[stored.trim()] ?? null;
    } else if (type === TYPE.d) {
      kind = CELL.date;
      shown = isoDate(stored.trim());
    } else if (type === TYPE.n) [kind, shown] = this.number(stored);
    // What is not what its cell says is kept as it stands and counts as an error value.
    const text = shown ?? stored;
    value.clear();
    value.reserve(4 * text.length);
    value.length = value.bytes.write(text, 0);
    return shown === null ? CELL.error : kind;
  }

  private number(stored: string): [number, string | null] {
    const shown = renderNumber(stored);
    const format = this.context.styles[this.style] ?? FORMAT.number;
    if (shown === null || format === FORMAT.number) return [CELL.number, shown];
    return [CELL.date, renderDate(Number(shown), format, this.context.date1904)];
  }

  /**
   * Cells one after the other, as long as they have the shape that nearly all writers give nearly all cells:
   * `<c r="A1" s="2" t="s"><v>3</v></c>` or `<c r="A1" t="inlineStr"><is><t>x</t></is></c>`. It decides nothing that
   * the slow way would decide otherwise: what is not plain is left to it, untouched.
   */
  protected override fast(): boolean {
    if (this.state !== IN_ROW || this.skipFrom > 0) return false;
    const { data } = this;
    const stop = this.length - MARGIN;
    const before = this.at;
    let at = before;
    while (at < stop && data[at] === LT && data[at + 1] === LETTER_C && data[at + 2] === SPACE) {
      const end = this.plainCell(data, at + 3);
      if (end < 0) break;
      at = end;
    }
    this.at = at;
    return at > before;
  }

  /** A cell from its first attribute on. Returns where it ends, or -1 with nothing changed. */
  private plainCell(data: Buffer, start: number): number {
    if (data[start] !== LETTER_R || data[start + 1] !== EQUALS || data[start + 2] !== QUOTE) return -1;
    let at = start + 3;
    let byte = data[at]!;
    let column = -1;
    for (let letters = 0; byte >= LETTER_A && byte <= LETTER_Z && letters < 3; letters++) {
      column = column * 26 + 26 + byte - LETTER_A;
      byte = data[++at]!;
    }
    if (column < 0 || column >= this.limits.columns || byte >= LETTER_A) return -1;
    at += this.rowDigits;
    if (data[at] !== QUOTE) return -1;
    byte = data[++at]!;
    let style = 0;
    if (byte === SPACE && data[at + 1] === LETTER_S && data[at + 2] === EQUALS && data[at + 3] === QUOTE) {
      at += 4;
      for (byte = data[at]!; byte >= ZERO && byte <= NINE && style < 1e6; byte = data[++at]!) {
        style = style * 10 + byte - ZERO;
      }
      if (byte !== QUOTE) return -1;
      byte = data[++at]!;
    }
    if (byte === GT) return this.context.styles[style] ? -1 : this.plainNumber(data, at + 1, column);
    if (byte === SLASH && data[at + 1] === GT) return this.place(column, at + 2);
    if (matches(this.words, at, SHARED)) return this.plainShared(data, at + SHARED.length, column);
    return matches(this.words, at, INLINE) ? this.plainInline(data, at + INLINE.length, column) : -1;
  }

  /** Notes that a cell stands in that column and passes on where it ends. */
  private place(column: number, end: number): number {
    if (column <= this.lastColumn) this.ordered = false;
    this.lastColumn = column;
    return end;
  }

  private plainShared(data: Buffer, start: number, column: number): number {
    let index = 0;
    let at = start;
    for (let byte = data[at]!; byte >= ZERO && byte <= NINE && at - start < 9; byte = data[++at]!) {
      index = index * 10 + byte - ZERO;
    }
    if (at === start || !matches(this.words, at, END_V)) return -1;
    this.row.add(column, CELL.shared, this.checkIndex(index, index), 0);
    return this.place(column, at + END_V.length);
  }

  /** A number that is shown as it is stored: at most 15 digits, no exponent, no needless zeros. */
  private plainNumber(data: Buffer, start: number, column: number): number {
    if (data[start] !== LT || data[start + 1] !== LETTER_V || data[start + 2] !== GT) return -1;
    const { text } = this.row;
    text.reserve(MARGIN);
    const { bytes } = text;
    const from = text.length;
    let to = from;
    let at = start + 3;
    if (data[at] === MINUS) bytes[to++] = data[at++]!;
    const first = at;
    let point = 0;
    for (let byte = data[at]!; at - first <= PRECISE + 1; byte = data[++at]!) {
      if (byte === POINT && point === 0) point = at;
      else if (byte < ZERO || byte > NINE) break;
      bytes[to++] = byte;
    }
    const digits = at - first - (point > 0 ? 1 : 0);
    if (digits === 0 || digits > PRECISE || !matches(this.words, at, END_V)) return -1;
    // Zero alone is plain; -0, 007, 0.5, 1.50, 1. and .5 are left to the rules about numbers.
    if (data[first] === ZERO && (at - first > 1 || first > start + 3)) return -1;
    if (point > 0 && (point === first || data[at - 1] === ZERO || data[at - 1] === POINT)) return -1;
    text.length = to;
    this.row.add(column, CELL.number, from, to);
    return this.place(column, at + END_V.length);
  }

  private plainInline(data: Buffer, start: number, column: number): number {
    let at = start;
    if (data[at] === GT) at++;
    else if (matches(this.words, at, PRESERVE)) at += PRESERVE.length;
    else return -1;
    const { text } = this.row;
    text.reserve(LONGEST_PLAIN);
    const { bytes } = text;
    const from = text.length;
    let to = from;
    const limit = Math.min(this.length - MARGIN / 2, at + LONGEST_PLAIN);
    let underscore = false;
    for (let byte = data[at]!; at < limit; byte = data[++at]!) {
      if (SPECIAL[byte] === 1) {
        if (byte === LT) break;
        if (byte !== UNDERSCORE) return -1;
        underscore = true;
      }
      bytes[to++] = byte;
    }
    if (!matches(this.words, at, END_INLINE)) return -1;
    if (underscore && findEscape(bytes, from, to) >= 0) return -1;
    text.length = to;
    this.row.add(column, CELL.text, from, to);
    return this.place(column, at + END_INLINE.length);
  }
}

/** A date cell's own text; midnight is left out. Null when it is no ISO date or time. */
function isoDate(text: string): string | null {
  const found =
    /^(\d{4}-\d\d-\d\d)?(?:T?(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const [, date, time] = found;
  if (!date && !time) return null;
  const clock = time && time.length === 5 ? `${time}:00` : time;
  if (!date) return clock!;
  return clock && clock !== '00:00:00' ? `${date} ${clock}` : date;
}

interface Literal {
  words: Int32Array;
  length: number;
  /** The last four bytes, which overlap the words before. */
  tail: number;
}

function literal(text: string): Literal {
  const bytes = Buffer.from(text);
  const words = Int32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readInt32LE(4 * index));
  return { words, length: bytes.length, tail: bytes.readInt32LE(bytes.length - 4) };
}

/** True when the literal stands there; four bytes are compared at a time. */
function matches(data: DataView, at: number, { words, length, tail }: Literal): boolean {
  for (let word = 0; word < words.length; word++) {
    if (data.getInt32(at + 4 * word, true) !== words[word]) return false;
  }
  return data.getInt32(at + length - 4, true) === tail;
}
