/** One cell as it is read tag by tag: where its text may stand, and what Excel shows of it. */

import type { XlsxLimits } from './limits.ts';
import { FORMAT, isoDate, renderDate, renderNumber } from './numbers.ts';
import { RichText } from './richText.ts';
import { CELL, type Row } from './row.ts';
import { TextBuffer } from './textBuffer.ts';

/** What numbers of cells mean. */
export interface NumberFormats {
  /** FORMAT by cell style. */
  styles: Uint8Array;
  date1904: boolean;
}

/** Where a cell's text may stand: in <v> and in <is>. */
export const VALUE = 1;
export const INLINE = 2;

/** Types of a cell, the attribute t. */
const TYPE = { n: 0, s: 1, inlineStr: 2, str: 3, b: 4, e: 5, d: 6 };
const TYPE_NAMES = new Map(Object.entries(TYPE));

/** One object serves all cells of a sheet. */
export class Cell {
  column = 0;
  style = 0;
  hasFormula = false;
  /** What stands in it so far, as it is stored. */
  readonly text: TextBuffer;
  /** Its inline text. */
  readonly rich = new RichText();
  private type = TYPE.n;
  /** Something stands in it, if only an empty text. */
  private isFilled = false;
  /** VALUE and INLINE, which it has so far. */
  private places = 0;
  /** Its only text is not where its type has it. */
  private isMisplaced = false;

  constructor(
    part: string,
    private readonly formats: NumberFormats,
    limits: XlsxLimits,
  ) {
    this.text = new TextBuffer(part, limits.rowBytes);
  }

  clear(column: number): void {
    this.column = column;
    this.style = 0;
    this.hasFormula = false;
    this.type = TYPE.n;
    this.isFilled = false;
    this.places = 0;
    this.isMisplaced = false;
    this.text.clear();
  }

  /** @param name value of the attribute t. */
  setType(name: string): void {
    this.type = TYPE_NAMES.get(name) ?? -1;
  }

  has(place: number): boolean {
    return (this.places & place) > 0;
  }

  /**
   * True when the text that begins there is the cell's: <is> of cells of the type inlineStr, <v> of all others. The
   * other one is only taken where that one is missing, and is then not what its cell says.
   */
  takes(place: number): boolean {
    const meant = this.type === TYPE.inlineStr ? INLINE : VALUE;
    if (place !== meant && this.places > 0) return false;
    this.places |= place;
    this.isMisplaced = place !== meant;
    this.isFilled = false;
    this.text.clear();
    return true;
  }

  /** A text begins: from now on it is no blank cell. */
  fill(): void {
    this.isFilled = true;
  }

  /** Puts it into the row, unless it is blank. */
  addTo(row: Row): void {
    const { text, type, column } = this;
    const isText = type === TYPE.inlineStr || type === TYPE.str;
    if (isText) text.unescape(0);
    // A text may be empty; any other cell without a value is blank, or a formula that nobody has computed.
    if (!this.isFilled || (text.length === 0 && (!isText || this.isMisplaced))) {
      if (this.hasFormula) row.add(column, CELL.formula, 0, 0);
    } else if (type === TYPE.s && !this.isMisplaced) row.addShared(column, this.index());
    else {
      const kind = this.isMisplaced ? CELL.error : isText ? CELL.text : this.interpret();
      const start = row.text.copy(text.bytes, 0, text.length);
      row.add(column, kind, start, row.text.length);
    }
  }

  /** Of the shared string; NaN for what is none. */
  private index(): number {
    const text = this.text.bytes.toString('latin1', 0, this.text.length).trim();
    return /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  }

  /** Makes the text what Excel shows of it, and says what kind of value that is. */
  private interpret(): number {
    const { text, type } = this;
    const stored = text.bytes.toString('utf8', 0, text.length);
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
    const result = shown ?? stored;
    text.clear();
    text.reserve(4 * result.length);
    text.length = text.bytes.write(result, 0);
    return shown === null ? CELL.error : kind;
  }

  private number(stored: string): [number, string | null] {
    const shown = renderNumber(stored);
    const format = this.formats.styles[this.style] ?? FORMAT.number;
    if (shown === null || format === FORMAT.number) return [CELL.number, shown];
    return [CELL.date, renderDate(Number(shown), format, this.formats.date1904)];
  }
}
