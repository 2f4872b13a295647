/** One row of a sheet: cells in column order, their text as bytes. One object serves all rows of a sheet. */

import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import type { SharedStrings } from './sharedStrings.ts';
import { TextBuffer } from './textBuffer.ts';

/** What a cell holds. Blank cells are not in the row; an empty text is a text. */
export const CELL = {
  text: 1,
  /** A text whose bytes lie with the shared strings. */
  shared: 2,
  number: 3,
  boolean: 4,
  /** ISO text made of a number by its format, or of a date cell. */
  date: 5,
  /** An error value such as #N/A, or a value that is not what its cell says. */
  error: 6,
  /** A formula whose result was never stored. */
  formula: 7,
} as const;

/** A cell names a string that was not read; it may still come when only the first strings were. */
export class StringMissing extends XlsxError {}

/** Row numbers have seven digits at most. */
const SPELLED = Buffer.alloc(8);

/** Valid during the callback that receives it. */
export class Row {
  /** 1-based, as Excel shows it. */
  number = 0;
  /** Digits of the number. */
  digits = 0;
  /** The digits as bytes, in two words: comparing them so is what makes references cheap. */
  private low = 0;
  private high = 0;
  private lowMask = 0;
  private highMask = 0;
  /** Column of the cell that was placed last, blank ones among them; -1 before the first. */
  lastColumn = -1;
  /** Cells that hold something. */
  count = 0;
  readonly column: Int32Array;
  readonly kind: Uint8Array;
  /** Range of the text in `text.bytes`; of shared texts `start` is the index of the string. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly text: TextBuffer;
  private ordered = true;

  constructor(
    readonly strings: SharedStrings,
    private readonly part: string,
    limits: XlsxLimits,
  ) {
    this.column = new Int32Array(limits.columns);
    this.kind = new Uint8Array(limits.columns);
    this.start = new Int32Array(limits.columns);
    this.end = new Int32Array(limits.columns);
    this.text = new TextBuffer(part, limits.rowBytes);
  }

  clear(number: number): void {
    this.number = number;
    this.spell(number);
    this.count = 0;
    this.text.length = 0;
    this.lastColumn = -1;
    this.ordered = true;
  }

  private spell(number: number): void {
    SPELLED.fill(0);
    this.digits = SPELLED.write(String(number), 'latin1');
    this.low = SPELLED.readInt32LE(0);
    this.high = SPELLED.readInt32LE(4);
    this.lowMask = this.digits >= 4 ? -1 : (1 << (8 * this.digits)) - 1;
    this.highMask = this.digits <= 4 ? 0 : (1 << (8 * (this.digits - 4))) - 1;
  }

  /** True where its number stands in the bytes. */
  isNumberAt(words: DataView, at: number): boolean {
    return (
      (words.getInt32(at, true) & this.lowMask) === this.low &&
      (this.highMask === 0 || (words.getInt32(at + 4, true) & this.highMask) === this.high)
    );
  }

  /** Notes that a cell stands in that column, blank or not. */
  place(column: number): void {
    if (column <= this.lastColumn) this.ordered = false;
    this.lastColumn = column;
  }

  /** True when no more cells fit. */
  get full(): boolean {
    return this.count === this.column.length;
  }

  /** Adds a cell whose column was placed; columns are 0-based. @throws XlsxError when it is one too many or too long. */
  add(column: number, kind: number, start: number, end: number): void {
    this.text.check(end);
    if (this.full) throw new XlsxError(`row ${this.number} has more cells than columns`);
    this.set(column, kind, start, end);
  }

  /** Places and adds a cell, of which the caller knows that it may. */
  append(column: number, kind: number, start: number, end: number): void {
    this.place(column);
    this.set(column, kind, start, end);
  }

  private set(column: number, kind: number, start: number, end: number): void {
    const at = this.count;
    this.column[at] = column;
    this.kind[at] = kind;
    this.start[at] = start;
    this.end[at] = end;
    this.count = at + 1;
  }

  /** Adds a cell that holds a shared string. @throws StringMissing when there is none of that index. */
  addShared(column: number, index: number): void {
    const { count } = this.strings;
    if (!(index >= 0 && index < count)) {
      throw new StringMissing(
        `${this.part} has the shared string ${index} in row ${this.number}, and there are ${count}`,
      );
    }
    this.add(column, CELL.shared, index, 0);
  }

  /** Replaces the text of a cell by another, shorter than 64 bytes. */
  replace(cell: number, text: string): void {
    this.text.reserve(64);
    this.start[cell] = this.text.length;
    this.text.length += this.text.bytes.write(text, this.text.length, 'latin1');
    this.end[cell] = this.text.length;
  }

  /** Text of a cell as a string: for first looks and messages, never for all rows. */
  textOf(cell: number): string {
    if (this.kind[cell] !== CELL.shared)
      return this.text.bytes.toString('utf8', this.start[cell], this.end[cell]);
    this.strings.find(this.start[cell]!);
    return this.strings.bytes.toString('utf8', this.strings.start, this.strings.end);
  }

  /** All texts by column, blank cells as ''. */
  texts(): string[] {
    const texts: string[] = [];
    for (let cell = 0; cell < this.count; cell++) texts[this.column[cell]!] = this.textOf(cell);
    return Array.from(texts, (text) => text ?? '');
  }

  /** Puts cells into the order of what `place` says of their columns. */
  sortBy(place: (column: number) => number): void {
    const order = [...this.column.subarray(0, this.count).keys()].sort(
      (a, b) => place(this.column[a]!) - place(this.column[b]!),
    );
    for (const values of [this.column, this.kind, this.start, this.end]) {
      const before = values.slice(0, this.count);
      order.forEach((from, to) => {
        values[to] = before[from]!;
      });
    }
  }

  /** Puts cells that were written out of order into column order. @throws XlsxError when one stands twice. */
  finish(): void {
    if (this.ordered) return;
    this.sortBy((column) => column);
    for (let cell = 1; cell < this.count; cell++) {
      if (this.column[cell] === this.column[cell - 1])
        throw new XlsxError(
          `row ${this.number} has the cell ${columnName(this.column[cell]!)}${this.number} twice`,
        );
    }
  }
}

/** Letters of a 0-based column. */
export function columnName(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? columnName(rest - 1) : '') + String.fromCharCode(65 + (column % 26));
}
