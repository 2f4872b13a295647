/** Rows of a sheet, out of its XML: plain cells at one go, everything else tag by tag. */

import type { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { FORMAT, isoDate, renderDate, renderNumber } from './numbers.ts';
import { nextRowNumber, PlainCells, ROW_BORDER } from './plainCells.ts';
import { RichText } from './richText.ts';
import { CELL, columnName, Row } from './row.ts';
import type { SharedStrings } from './sharedStrings.ts';
import { TextBuffer } from './textBuffer.ts';
import { ELEMENT, XmlScanner } from './xmlScanner.ts';

/** What cells mean besides their own text. */
export interface SheetContext {
  strings: SharedStrings;
  /** FORMAT by cell style. */
  styles: Uint8Array;
  date1904: boolean;
}

const OUTSIDE = 0;
const IN_SHEET = 1;
const IN_DATA = 2;
const IN_ROW = 3;
const IN_CELL = 4;
const IN_VALUE = 5;
const IN_INLINE = 6;
const IN_RUN = 7;
const IN_TEXT = 8;

/** Where a cell's text may stand. */
const VALUE = 1;
const INLINE = 2;

/** Types of a cell, the attribute t. */
const TYPE = { n: 0, s: 1, inlineStr: 2, str: 3, b: 4, e: 5, d: 6 };
const TYPE_NAMES = new Map(Object.entries(TYPE));

const EQUALS = 61;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
/** Names of the attributes that mean something. */
const LETTER_R = 114;
const LETTER_S = 115;
const LETTER_T = 116;

/** Calls `onRow` for every row that holds a cell, in the order of the document. */
export class SheetScanner extends XmlScanner {
  readonly row: Row;
  private state = OUTSIDE;
  private textParent = OUTSIDE;
  private rowNumber = 0;
  /** A bit for each row that has begun. */
  private readonly begun: Uint8Array;
  private column = 0;
  private type = TYPE.n;
  private style = 0;
  private hasFormula = false;
  private hasValue = false;
  /** VALUE and INLINE, which the cell has so far. */
  private texts = 0;
  /** The only text of the cell is not where its type has it. */
  private misplaced = false;
  private readonly rich = new RichText();
  private readonly value: TextBuffer;
  private readonly plain: PlainCells;

  constructor(
    part: string,
    private readonly context: SheetContext,
    private readonly limits: XlsxLimits,
    private readonly onRow: (row: Row) => void,
  ) {
    super(part, limits.tagBytes);
    this.row = new Row(context.strings, part, limits);
    this.value = new TextBuffer(part, limits.rowBytes);
    this.begun = new Uint8Array((limits.rows >> 3) + 1);
    this.plain = new PlainCells(this.row, context.styles, limits);
  }

  protected open(element: number, from: number, to: number): void {
    if (this.skipFrom > 0) return;
    const { state } = this;
    if (state === IN_VALUE || state === IN_TEXT) throw this.broken('has an element inside of a text');
    if (state === IN_ROW && element === ELEMENT.c) this.openCell(from, to);
    else if (state === IN_CELL && element === ELEMENT.v && this.opens(VALUE)) this.enter(IN_VALUE);
    else if (state === IN_CELL && element === ELEMENT.is && this.opens(INLINE)) this.enterInline();
    else if ((state === IN_INLINE || state === IN_RUN) && element === ELEMENT.t) this.enterText();
    else if (state === IN_INLINE && element === ELEMENT.r) this.enterRun();
    else if (state === IN_DATA && element === ELEMENT.row) this.openRow(from, to);
    else if (state === IN_SHEET && element === ELEMENT.sheetData) this.state = IN_DATA;
    else if (state === OUTSIDE && element === ELEMENT.worksheet) this.state = IN_SHEET;
    else if (state === OUTSIDE) throw this.broken('is no worksheet');
    else {
      if (state === IN_CELL && element === ELEMENT.f) this.hasFormula = true;
      this.skipFrom = this.depth;
    }
  }

  protected close(): void {
    if (this.skipFrom > 0) {
      if (this.depth === this.skipFrom) this.skipFrom = 0;
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

  /**
   * True when the text that begins is the cell's: <is> of cells of the type inlineStr, <v> of all others. The other one
   * is only taken where that one is missing, and is then not what its cell says.
   */
  private opens(text: number): boolean {
    if (this.texts & text) throw this.twice();
    const meant = this.type === TYPE.inlineStr ? INLINE : VALUE;
    const first = this.texts === 0;
    this.texts |= text;
    this.misplaced = !(this.texts & meant);
    if (text === meant) {
      this.value.clear();
      this.hasValue = false;
    }
    return first || text === meant;
  }

  private enterInline(): void {
    this.state = IN_INLINE;
    this.rich.begin();
  }

  private enterRun(): void {
    if (!this.rich.takesRun()) throw this.twice();
    this.state = IN_RUN;
  }

  private enterText(): void {
    if (!this.rich.takesText(this.state === IN_RUN)) throw this.twice();
    this.enter(IN_TEXT);
  }

  private twice(): XlsxError {
    return this.broken(`has two texts in one cell of row ${this.rowNumber}`);
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
      if (name === LETTER_R) this.rowNumber = Number(this.data.toString('latin1', start, end));
    });
    const number = this.rowNumber;
    if (!(Number.isInteger(number) && number > 0 && number <= this.limits.rows)) {
      throw this.broken(`has a row numbered ${number}; sheets end at ${this.limits.rows}`);
    }
    this.state = IN_ROW;
    this.beginRow(number);
  }

  private beginRow(number: number): void {
    const bit = 1 << (number & 7);
    if (this.begun[number >> 3]! & bit) throw this.broken(`has the row ${number} twice`);
    this.begun[number >> 3]! |= bit;
    this.rowNumber = number;
    this.row.clear(number);
  }

  private closeRow(): void {
    this.row.finish();
    if (this.row.count > 0) this.onRow(this.row);
  }

  private openCell(from: number, to: number): void {
    this.state = IN_CELL;
    this.column = this.row.lastColumn + 1;
    this.type = TYPE.n;
    this.style = 0;
    this.hasFormula = false;
    this.hasValue = false;
    this.texts = 0;
    this.misplaced = false;
    this.value.clear();
    const { data } = this;
    this.eachAttribute(from, to, (name, start, end) => {
      if (name === LETTER_R) this.column = this.columnOf(data.toString('latin1', start, end));
      else if (name === LETTER_S) this.style = Number(data.toString('latin1', start, end)) || 0;
      else if (name === LETTER_T) this.type = TYPE_NAMES.get(data.toString('latin1', start, end)) ?? -1;
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
    this.row.place(column);
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
      if ((quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) || at >= to) throw this.broken();
      if (length === 1) found(data[name]!, start, at);
      at++;
    }
  }

  private closeCell(): void {
    const { row, value, type, column } = this;
    const isText = type === TYPE.inlineStr || type === TYPE.str;
    if (isText) value.unescape(0);
    // A text may be empty; any other cell without a value is blank, or a formula that nobody has computed.
    if (!this.hasValue || (value.length === 0 && (!isText || this.misplaced))) {
      if (this.hasFormula) row.add(column, CELL.formula, 0, 0);
      return;
    }
    if (type === TYPE.s && !this.misplaced) {
      this.addShared();
      return;
    }
    const kind = this.misplaced ? CELL.error : isText ? CELL.text : this.interpret();
    const start = row.text.copy(value.bytes, 0, value.length);
    row.add(column, kind, start, row.text.length);
  }

  private addShared(): void {
    const text = this.value.bytes.toString('latin1', 0, this.value.length).trim();
    this.row.addShared(this.column, /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN);
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

  protected override fast(): boolean {
    if (this.state !== IN_ROW || this.skipFrom > 0 || !this.bare) return false;
    const before = this.at;
    do this.at = this.plain.read(this.data, this.words, this.length, this.at);
    while (this.nextRow());
    return this.at > before;
  }

  /** Goes from one row to the next where nothing else is between them. */
  private nextRow(): boolean {
    const number = nextRowNumber(this.data, this.words, this.length, this.at);
    if (number === 0 || number > this.limits.rows) return false;
    this.closeRow();
    this.beginRow(number);
    this.at += ROW_BORDER + this.row.digits;
    return true;
  }
}
