/** Rows as CSV, byte to byte: a text goes from the sheet or the shared strings to the block that is written. */

import { CELL, type Row } from './row.ts';

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;
const BLOCK_BYTES = 1 << 20;
/** Bytes for which a value is quoted. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => Number([COMMA, QUOTE, LF, CR].includes(byte)));

/** RFC 4180 with LF; values are quoted where they must be, and an empty text is "" while a blank cell is nothing. */
export class CsvWriter {
  private block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  private at = 0;
  /** Where the row begins that was rendered last. */
  private begin = 0;

  /** @param write takes a block of whole rows, which is used again afterwards. */
  constructor(private readonly write: (block: Buffer) => void) {}

  /**
   * Renders one row, to be kept or taken back. Returns its bytes.
   * @param width fields of every row.
   * @param places field of each column, -1 for columns that are left out; by default the column itself.
   */
  render(row: Row, width: number, places?: Int32Array): number {
    this.begin = this.at;
    this.reserve(width + 1);
    let field = 0;
    for (let cell = 0; cell < row.count; cell++) {
      const column = row.column[cell]!;
      const place = places ? (column < places.length ? places[column]! : -1) : column;
      if (place < 0 || place >= width) continue;
      for (; field < place; field++) this.block[this.at++] = COMMA;
      if (row.kind[cell] === CELL.shared) {
        const { strings } = row;
        strings.find(row.start[cell]!);
        this.value(strings.bytes, strings.start, strings.end, width);
      } else this.value(row.text.bytes, row.start[cell]!, row.end[cell]!, width);
    }
    for (; field < width - 1; field++) this.block[this.at++] = COMMA;
    this.block[this.at++] = LF;
    return this.at - this.begin;
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

  /** @param more room that is still needed after the value: separators of the row. */
  private value(data: Buffer, start: number, end: number, more: number): void {
    this.reserve(2 * (end - start) + 3 + more);
    const { block } = this;
    let { at } = this;
    for (let from = start; from < end; from++) {
      const byte = data[from]!;
      if (SPECIAL[byte] === 1) {
        at = -1;
        break;
      }
      block[at++] = byte;
    }
    if (at < 0 || start === end) this.quoted(data, start, end);
    else this.at = at;
  }

  private quoted(data: Buffer, start: number, end: number): void {
    const { block } = this;
    let { at } = this;
    block[at++] = QUOTE;
    for (let from = start; from < end; from++) {
      const byte = data[from]!;
      if (byte === QUOTE) block[at++] = QUOTE;
      block[at++] = byte;
    }
    block[at++] = QUOTE;
    this.at = at;
  }

  private reserve(more: number): void {
    if (this.at + more <= this.block.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(this.at + more, 2 * this.block.length));
    this.block.copy(bigger, 0, 0, this.at);
    this.block = bigger;
  }
}
