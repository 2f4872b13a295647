/** Rows of a sheet, out of its XML: plain cells at one go, everything else tag by tag. */

import { Cell, INLINE, type NumberFormats, VALUE } from './cell.ts';
import { ELEMENT } from './elements.ts';
import type { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { nextRowNumber, PlainCells, ROW_BORDER } from './plainCells.ts';
import { columnName, Row } from './row.ts';
import type { SharedStrings } from './sharedStrings.ts';
import { XmlScanner } from './xmlScanner.ts';

/** What cells mean besides their own text. */
export interface SheetContext extends NumberFormats {
  strings: SharedStrings;
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
  private readonly cell: Cell;
  private readonly plain: PlainCells;

  constructor(
    part: string,
    context: SheetContext,
    private readonly limits: XlsxLimits,
    private readonly onRow: (row: Row) => void,
  ) {
    super(part, limits.tagBytes);
    this.row = new Row(context.strings, part, limits);
    this.cell = new Cell(part, context, limits);
    this.begun = new Uint8Array((limits.rows >> 3) + 1);
    this.plain = new PlainCells(this.row, context.styles, limits);
  }

  protected open(element: number, from: number, to: number): void {
    if (this.skipFrom > 0) return;
    const { state } = this;
    if (state === IN_VALUE || state === IN_TEXT) throw this.broken('has an element inside of a text');
    if (state === IN_ROW && element === ELEMENT.c) this.openCell(from, to);
    else if (state === IN_CELL && element === ELEMENT.v && this.takes(VALUE)) this.enter(IN_VALUE);
    else if (state === IN_CELL && element === ELEMENT.is && this.takes(INLINE)) this.enterInline();
    else if ((state === IN_INLINE || state === IN_RUN) && element === ELEMENT.t) this.enterText();
    else if (state === IN_INLINE && element === ELEMENT.r) this.enterRun();
    else if (state === IN_DATA && element === ELEMENT.row) this.openRow(from, to);
    else if (state === IN_SHEET && element === ELEMENT.sheetData) this.state = IN_DATA;
    else if (state === OUTSIDE && element === ELEMENT.worksheet) this.state = IN_SHEET;
    else if (state === OUTSIDE) throw this.broken('is no worksheet');
    else {
      if (state === IN_CELL && element === ELEMENT.f) this.cell.hasFormula = true;
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
        this.cell.addTo(this.row);
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
    this.cell.text.appendXml(this.data, start, end, cdata);
  }

  private takes(place: number): boolean {
    if (this.cell.has(place)) throw this.twice();
    return this.cell.takes(place);
  }

  private enterInline(): void {
    this.state = IN_INLINE;
    this.cell.rich.begin();
  }

  private enterRun(): void {
    if (!this.cell.rich.takesRun()) throw this.twice();
    this.state = IN_RUN;
  }

  private enterText(): void {
    if (!this.cell.rich.takesText(this.state === IN_RUN)) throw this.twice();
    this.enter(IN_TEXT);
  }

  private twice(): XlsxError {
    return this.broken(`has two texts in one cell of row ${this.rowNumber}`);
  }

  private enter(state: number): void {
    this.textParent = this.state;
    this.state = state;
    this.wantsText = true;
    this.cell.fill();
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
    const { data, cell } = this;
    cell.clear(this.row.lastColumn + 1);
    this.eachAttribute(from, to, (name, start, end) => {
      const value = data.toString('latin1', start, end);
      if (name === LETTER_R) cell.column = this.columnOf(value);
      else if (name === LETTER_S) cell.style = Number(value) || 0;
      else if (name === LETTER_T) cell.setType(value);
    });
    this.placeCell(cell.column);
  }

  /** Column of a reference such as AB12, whose row must be the one that it stands in. */
  private columnOf(reference: string): number {
    const [, letters = '', row] = /^([A-Za-z]{1,3})(\d{1,7})?$/.exec(reference) ?? [];
    let column = 0;
    for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
    if (column === 0) throw this.broken(`has a cell at ${reference.slice(0, 20)}, which is no place`);
    if (row && Number(row) !== this.rowNumber)
      throw this.broken(`has the cell ${reference} in row ${this.rowNumber}`);
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

  protected override fast(): boolean {
    if (this.state !== IN_ROW || this.skipFrom > 0 || !this.namespaces.isOwn('')) return false;
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
