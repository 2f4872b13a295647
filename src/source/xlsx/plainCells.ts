/** Cells of the shape that nearly all writers give nearly all cells, read at one go. */

import type { XlsxLimits } from './limits.ts';
import { four, literal, marked, matches, two } from './literal.ts';
import { CELL, type Row } from './row.ts';
import { findEscape } from './textBuffer.ts';
import { MARGIN } from './xmlScanner.ts';

const LT = 60;
const GT = 62;
const SLASH = 47;
const SPACE = 32;
const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
const UNDERSCORE = 95;
const LETTER_A = 65;
const LETTER_Z = 90;
/** Longest text that is read at one go. */
const LONGEST_PLAIN = 4096;
/** Digits that a number shows as it is stored. */
const PRECISE = 15;

/** `<c r="`, ` s="`, ` t="`, `s"><v>`, `><v>`, `</v></c>`: comparing them in words is what makes a cell cheap. */
const OPEN_C = four('<c r');
const EQUALS = two('="');
const STYLE = four(' s="');
const TYPE = four(' t="');
const SHARED = four('s"><');
const OPEN_V = four('><v>');
const END_OPEN_V = two('v>');
const CLOSE_V = four('</v>');
const CLOSE_C = four('</c>');
const INLI = four('inli');
const NESTR = four('neSt');
const R_IS = four('r"><');
const OPEN_T = four('is><');
const PRESERVE = literal('t xml:space="preserve">');
const END_OPEN_T = two('t>');
const CLOSE_T = four('</t>');
const CLOSE_IS = four('</is');
const CLOSE_INLINE = four('></c');

/** `</row><row r="` and `">`: what stands between rows, but for the number. */
const CLOSE_RO = four('</ro');
const W_THEN = four('w><r');
const ROW_R = four('ow r');
const END_ROW = two('">');
export const ROW_BORDER = 16;

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
    const { row } = this;
    // That much must be at hand for a cell; no tag and no number of the usual shape has more.
    const stop = length - MARGIN;
    // No text is longer than its XML: with room for all that is here, nothing needs to look at the room again.
    if (start < stop) row.text.reserve(length - start);
    let at = start;
    while (at < stop && words.getInt32(at, true) === OPEN_C && words.getInt16(at + 4, true) === EQUALS) {
      const end = this.cell(data, words, length, at + 6);
      if (end < 0) break;
      at = end;
    }
    row.text.check(row.text.length);
    return at;
  }

  /** A cell from its reference on. Returns where it ends, or -1 with nothing changed. */
  private cell(data: Buffer, words: DataView, length: number, start: number): number {
    const { row } = this;
    let at = start;
    let byte = data[at]!;
    let column = -1;
    for (let letters = 0; byte >= LETTER_A && byte <= LETTER_Z && letters < 3; letters++) {
      column = column * 26 + 26 + byte - LETTER_A;
      byte = data[++at]!;
    }
    if (column < 0 || column >= this.limits.columns || byte >= LETTER_A || row.full) return -1;
    if (!row.isNumberAt(words, at)) return -1;
    at += row.digits;
    if (data[at] !== QUOTE) return -1;
    byte = data[++at]!;
    let style = 0;
    if (byte === SPACE && words.getInt32(at, true) === STYLE) {
      at += 4;
      for (byte = data[at]!; byte >= ZERO && byte <= NINE && style < 1e6; byte = data[++at]!) {
        style = style * 10 + byte - ZERO;
      }
      if (byte !== QUOTE) return -1;
      byte = data[++at]!;
    }
    if (byte === SPACE && words.getInt32(at, true) === TYPE) {
      return words.getInt32(at + 4, true) === SHARED
        ? this.shared(data, words, at + 8, column)
        : this.inline(data, words, length, at + 4, column);
    }
    if (words.getInt32(at, true) === OPEN_V) {
      return this.styles[style] ? -1 : this.number(data, words, at + 4, column);
    }
    if (byte !== SLASH || data[at + 1] !== GT) return -1;
    row.place(column);
    return at + 2;
  }

  private shared(data: Buffer, words: DataView, start: number, column: number): number {
    if (words.getInt16(start, true) !== END_OPEN_V) return -1;
    const first = start + 2;
    let index = 0;
    let at = first;
    for (let byte = data[at]!; byte >= ZERO && byte <= NINE && at - first < 9; byte = data[++at]!) {
      index = index * 10 + byte - ZERO;
    }
    if (at === first || index >= this.row.strings.count || !closes(words, at)) return -1;
    this.row.append(column, CELL.shared, index, 0);
    return at + 8;
  }

  /** A number that is shown as it is stored: at most 15 digits, no exponent, no needless zeros. */
  private number(data: Buffer, words: DataView, start: number, column: number): number {
    const { text } = this.row;
    const { bytes } = text;
    const from = text.length;
    let to = from;
    let at = start;
    if (data[at] === MINUS) bytes[to++] = data[at++]!;
    const first = at;
    let point = 0;
    for (let byte = data[at]!; at - first <= PRECISE + 1; byte = data[++at]!) {
      if (byte < ZERO || byte > NINE) {
        if (byte !== POINT || point > 0) break;
        point = at;
      }
      bytes[to++] = byte;
    }
    const digits = at - first - (point > 0 ? 1 : 0);
    if (digits === 0 || digits > PRECISE || !closes(words, at)) return -1;
    // Zero alone is plain; -0, 007, 0.5, 1.50, 1. and .5 are left to the rules about numbers.
    if (data[first] === ZERO && (at - first > 1 || first > start)) return -1;
    if (point > 0 && (point === first || data[at - 1] === ZERO || data[at - 1] === POINT)) return -1;
    text.length = to;
    this.row.append(column, CELL.number, from, to);
    return at + 8;
  }

  private inline(data: Buffer, words: DataView, length: number, start: number, column: number): number {
    if (words.getInt32(start, true) !== INLI || words.getInt32(start + 4, true) !== NESTR) return -1;
    if (words.getInt32(start + 8, true) !== R_IS || words.getInt32(start + 12, true) !== OPEN_T) return -1;
    let at = start + 16;
    if (words.getInt16(at, true) === END_OPEN_T) at += 2;
    else if (matches(words, at, PRESERVE)) at += PRESERVE.length;
    else return -1;
    const { text } = this.row;
    const { bytes, view } = text;
    const from = text.length;
    let to = from;
    const limit = Math.min(length - MARGIN / 2, at + LONGEST_PLAIN);
    for (let word = words.getInt32(at, true); at < limit && !marked(word); word = words.getInt32(at, true)) {
      view.setInt32(to, word, true);
      at += 4;
      to += 4;
    }
    let underscore = false;
    for (let byte = data[at]!; at < limit; byte = data[++at]!) {
      if (SPECIAL[byte] === 1) {
        if (byte === LT) break;
        if (byte !== UNDERSCORE) return -1;
        underscore = true;
      }
      bytes[to++] = byte;
    }
    if (words.getInt32(at, true) !== CLOSE_T || words.getInt32(at + 4, true) !== CLOSE_IS) return -1;
    if (words.getInt32(at + 8, true) !== CLOSE_INLINE || data[at + 12] !== GT) return -1;
    if (underscore && findEscape(bytes, from, to) >= 0) return -1;
    text.length = to;
    this.row.append(column, CELL.text, from, to);
    return at + 13;
  }
}

const closes = (words: DataView, at: number) =>
  words.getInt32(at, true) === CLOSE_V && words.getInt32(at + 4, true) === CLOSE_C;

/** Number of the row that begins at the end of the one before, as `</row><row r="2">`; 0 where anything else stands. */
export function nextRowNumber(data: Buffer, words: DataView, length: number, at: number): number {
  if (at >= length - MARGIN) return 0;
  if (words.getInt32(at, true) !== CLOSE_RO || words.getInt32(at + 4, true) !== W_THEN) return 0;
  if (words.getInt32(at + 8, true) !== ROW_R || words.getInt16(at + 12, true) !== EQUALS) return 0;
  let end = at + ROW_BORDER - 2;
  // The caller knows the length by the number, so it must not begin with a zero.
  if (data[end] === ZERO) return 0;
  let number = 0;
  for (let byte = data[end]!; byte >= ZERO && byte <= NINE && number < 1e7; byte = data[++end]!) {
    number = number * 10 + byte - ZERO;
  }
  return words.getInt16(end, true) === END_ROW ? number : 0;
}
