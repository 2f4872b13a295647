/** Rows as CSV, byte to byte: a text goes from the sheet or the shared strings to the block that is written. */

import { CELL, type Row } from './row.ts';
import { SPARE, viewOf } from './textBuffer.ts';

const COMMA = 44;
const COMMAS = 0x2c2c2c2c;
const QUOTE = 34;
const LF = 10;
const CR = 13;
const BLOCK_BYTES = 1 << 20;
/** Bytes for which a value is quoted. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => Number([COMMA, QUOTE, LF, CR].includes(byte)));

/** RFC 4180 with LF; values are quoted where they must be, and an empty text is "" while a blank cell is nothing. */
export class CsvWriter {
  private block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  private view = viewOf(this.block);
  private at = 0;
  /** Where the row begins that was rendered last. */
  private begin = 0;

  /** @param write takes a block of whole rows, which is used again afterwards. */
  constructor(private readonly write: (block: Buffer) => void) {}

  /** The line of names that comes first. */
  header(names: string[]): void {
    const values = names.map((name) => `"${name.replaceAll('"', '""')}"`);
    this.write(Buffer.from(`${values.join(',')}\n`));
  }

  /**
   * Renders one row, to be kept or taken back. Returns its bytes.
   * @param width fields of every row.
   * @param places field of each column, -1 for columns that are left out; by default the column itself.
   */
  render(row: Row, width: number, places?: Int32Array): number {
    const { strings, text, column, kind, start, end, count } = row;
    this.begin = this.at;
    let at = this.reserve(this.at, width);
    let field = 0;
    for (let cell = 0; cell < count; cell++) {
      const from = column[cell]!;
      const place = places ? (from < places.length ? places[from]! : -1) : from;
      if (place < 0 || place >= width) continue;
      at = this.commas(at, place - field);
      field = place;
      if (kind[cell] === CELL.shared) {
        strings.find(start[cell]!);
        at = this.value(at, strings.view, strings.start, strings.end, width);
      } else at = this.value(at, text.view, start[cell]!, end[cell]!, width);
    }
    at = this.commas(at, width - 1 - field);
    this.block[at++] = LF;
    this.at = at;
    return at - this.begin;
  }

  /** The row that was rendered is part of the file. */
  keep(): void {
    if (this.at >= BLOCK_BYTES) this.flush();
  }

  /** The row that was rendered is not: its text, without the line end, up to that many bytes. */
  takeBack(most: number): string {
    const text = this.block.toString('utf8', this.begin, Math.min(this.at - 1, this.begin + most));
    this.at = this.begin;
    return text;
  }

  flush(): void {
    if (this.at > 0) this.write(this.block.subarray(0, this.at));
    this.at = 0;
  }

  /** Separators of that many fields. Returns where they end, as all the others do. */
  private commas(at: number, count: number): number {
    for (let done = 0; done < count; done += 4) this.view.setInt32(at + done, COMMAS, true);
    return at + count;
  }

  /**
   * Four bytes at a time, up to SPARE bytes beyond the value among them.
   * @param more room that is still needed after the value: separators of the row.
   */
  private value(at: number, data: DataView, start: number, end: number, more: number): number {
    const begin = this.reserve(at, 2 * (end - start) + more);
    const { view } = this;
    const shift = begin - start;
    let from = start;
    for (; from < end; from += 4) {
      const word = data.getInt32(from, true);
      view.setInt32(from + shift, word, true);
      // What lies beyond the value is no matter.
      if (suspicious(end - from < 4 ? word | (-1 << (8 * (end - from))) : word)) break;
    }
    return from >= end && start < end ? end + shift : this.careful(begin, data, start, end);
  }

  /** Byte by byte: quoted when it is empty or has a byte for which values are quoted. */
  private careful(at: number, data: DataView, start: number, end: number): number {
    let plain = start < end;
    for (let from = start; from < end && plain; from++) plain = SPECIAL[data.getUint8(from)] === 0;
    const { block } = this;
    let to = at;
    if (!plain) block[to++] = QUOTE;
    for (let from = start; from < end; from++) {
      const byte = data.getUint8(from);
      if (byte === QUOTE) block[to++] = QUOTE;
      block[to++] = byte;
    }
    if (!plain) block[to++] = QUOTE;
    return to;
  }

  /** Makes room behind `at` for that many bytes, two quotes, a line end and SPARE bytes. */
  private reserve(at: number, more: number): number {
    const wanted = at + more + 3 + SPARE;
    if (wanted > this.block.length) {
      const bigger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.block.length));
      this.block.copy(bigger, 0, 0, at);
      this.block = bigger;
      this.view = viewOf(bigger);
    }
    return at;
  }
}

/** True when one of four bytes is a comma, a quote or below 14, line ends among them. */
const suspicious = (word: number) =>
  (((((word ^ 0x2c2c2c2c) - 0x01010101) & ~(word ^ 0x2c2c2c2c)) |
    (((word ^ 0x22222222) - 0x01010101) & ~(word ^ 0x22222222)) |
    ((word - 0x0e0e0e0e) & ~word)) &
    0x80808080) !==
  0;
