/** Cells of the shape that nearly all writers give nearly all cells, read at one go. */

import type { XlsxLimits } from './limits.ts';
import { literal, matches } from './literal.ts';
import { CELL, type Row } from './row.ts';
import { findEscape } from './textBuffer.ts';

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

/**
 * `<c r="A1" s="2" t="s"><v>3</v></c>` and `<c r="A1" t="inlineStr"><is><t>x</t></is></c>`. Nothing is decided here that
 * reading tag by tag would decide otherwise: what is not plain is left alone.
 */
export class PlainCells {
  constructor(
    private readonly row: Row,
    /** FORMAT by cell style. */
    private readonly styles: Uint8Array,
    private readonly limits: XlsxLimits,
  ) {}

  /** Reads cells into the row as long as they are plain and all here. Returns where the first other thing begins. */
  read(data: Buffer, words: DataView, length: number, start: number): number {
    const stop = length - MARGIN;
    let at = start;
    while (at < stop && data[at] === LT && data[at + 1] === LETTER_C && data[at + 2] === SPACE) {
      const end = this.cell(data, words, length, at + 3);
      if (end < 0) break;
      at = end;
    }
    return at;
  }

  /** A cell from its first attribute on. Returns where it ends, or -1 with nothing changed. */
  private cell(data: Buffer, words: DataView, length: number, start: number): number {
    if (data[start] !== LETTER_R || data[start + 1] !== EQUALS || data[start + 2] !== QUOTE) return -1;
    let at = start + 3;
    let byte = data[at]!;
    let column = -1;
    for (let letters = 0; byte >= LETTER_A && byte <= LETTER_Z && letters < 3; letters++) {
      column = column * 26 + 26 + byte - LETTER_A;
      byte = data[++at]!;
    }
    if (column < 0 || column >= this.limits.columns || byte >= LETTER_A) return -1;
    at += this.row.digits;
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
    if (byte === GT) return this.styles[style] ? -1 : this.number(data, words, at + 1, column);
    if (byte === SLASH && data[at + 1] === GT) return this.place(column, at + 2);
    if (matches(words, at, SHARED)) return this.shared(data, words, at + SHARED.length, column);
    return matches(words, at, INLINE) ? this.inline(data, words, length, at + INLINE.length, column) : -1;
  }

  private shared(data: Buffer, words: DataView, start: number, column: number): number {
    let index = 0;
    let at = start;
    for (let byte = data[at]!; byte >= ZERO && byte <= NINE && at - start < 9; byte = data[++at]!) {
      index = index * 10 + byte - ZERO;
    }
    if (at === start || !matches(words, at, END_V)) return -1;
    this.row.addShared(column, index);
    return this.place(column, at + END_V.length);
  }

  /** A number that is shown as it is stored: at most 15 digits, no exponent, no needless zeros. */
  private number(data: Buffer, words: DataView, start: number, column: number): number {
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
    if (digits === 0 || digits > PRECISE || !matches(words, at, END_V)) return -1;
    // Zero alone is plain; -0, 007, 0.5, 1.50, 1. and .5 are left to the rules about numbers.
    if (data[first] === ZERO && (at - first > 1 || first > start + 3)) return -1;
    if (point > 0 && (point === first || data[at - 1] === ZERO || data[at - 1] === POINT)) return -1;
    text.length = to;
    this.row.add(column, CELL.number, from, to);
    return this.place(column, at + END_V.length);
  }

  private inline(data: Buffer, words: DataView, length: number, start: number, column: number): number {
    let at = start;
    if (data[at] === GT) at++;
    else if (matches(words, at, PRESERVE)) at += PRESERVE.length;
    else return -1;
    const { text } = this.row;
    text.reserve(LONGEST_PLAIN);
    const { bytes } = text;
    const from = text.length;
    let to = from;
    const limit = Math.min(length - MARGIN / 2, at + LONGEST_PLAIN);
    let underscore = false;
    for (let byte = data[at]!; at < limit; byte = data[++at]!) {
      if (SPECIAL[byte] === 1) {
        if (byte === LT) break;
        if (byte !== UNDERSCORE) return -1;
        underscore = true;
      }
      bytes[to++] = byte;
    }
    if (!matches(words, at, END_INLINE)) return -1;
    if (underscore && findEscape(bytes, from, to) >= 0) return -1;
    text.length = to;
    this.row.add(column, CELL.text, from, to);
    return this.place(column, at + END_INLINE.length);
  }

  private place(column: number, end: number): number {
    this.row.place(column);
    return end;
  }
}
