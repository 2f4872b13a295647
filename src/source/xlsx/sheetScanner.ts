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
const QUOTE = 34;
const EQUALS = 61;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
/** A cell whose tag and value are longer than this is read tag by tag. */
const MARGIN = 256;
/** Digits that a number shows as it is stored. */
const PRECISE = 15;

const bytesOf = (text: string) => Buffer.from(text);
const V = bytesOf('<v>');
const END_V = bytesOf('</v></c>');
const INLINE = bytesOf('<is><t');
const PRESERVE = bytesOf(' xml:space="preserve">');
const END_INLINE = bytesOf('</t></is></c>');

/** Calls `onRow` for every row that holds a cell, in the order of the document. */
export class SheetScanner extends XmlScanner {
  readonly row: Row;
  private state = OUTSIDE;
  private textParent = OUTSIDE;
  private skipFrom = 0;
  private rowNumber = 0;
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

  /** Column of a reference such as AB12. */
  private columnOf(reference: string): number {
    const letters = /^([A-Za-z]{1,3})[0-9]{1,7}$/.exec(reference)?.[1]?.toUpperCase() ?? '';
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
   * `<c r="A1" s="2" t="s"><v>3</v></c>`, its other types, and `<c r="A1" t="inlineStr"><is><t>x</t></is></c>`: what
   * all writers write for nearly all cells. It decides nothing that the slow way would decide otherwise.
   */
  protected override fast(): boolean {
    if (this.state !== IN_ROW || this.skipFrom > 0) return false;
    const { data } = this;
    let { at } = this;
    if (this.length - at < MARGIN || data[at + 1] !== 99 || data[at + 2] !== 32) return false;
    at += 3;
    let column = this.lastColumn + 1;
    let style = 0;
    let type = TYPE.n;
    for (let attributes = 1; ; attributes++) {
      const name = data[at];
      if (attributes > 3 || data[at + 1] !== EQUALS || data[at + 2] !== QUOTE) return false;
      at += 3;
      let byte = data[at]!;
      if (name === 114) {
        column = 0;
        for (let letters = 0; byte >= 65 && byte <= 90 && letters < 3; letters++) {
          column = column * 26 + byte - 64;
          byte = data[++at]!;
        }
        if (column === 0 || byte < ZERO || byte > NINE) return false;
        column--;
        for (let digits = 0; byte >= ZERO && byte <= NINE && digits < 7; digits++) byte = data[++at]!;
      } else if (name === 115) {
        for (let digits = 0; byte >= ZERO && byte <= NINE && digits < 6; digits++) {
          style = style * 10 + byte - ZERO;
          byte = data[++at]!;
        }
      } else if (name === 116) {
        if (byte === 115 && data[at + 1] === QUOTE) {
          type = TYPE.s;
          at++;
        } else if (byte === 105 && data[at + 8] === 114 && data[at + 9] === QUOTE) {
          // Nothing else has nine letters, i first and r last.
          type = TYPE.inlineStr;
          at += 9;
        } else if (byte === 110 && data[at + 1] === QUOTE) at++;
        else return false;
        byte = data[at]!;
      } else return false;
      if (byte !== QUOTE) return false;
      byte = data[++at]!;
      if (byte === GT) break;
      if (byte === SLASH && data[at + 1] === GT) return this.take(at + 2, column);
      if (byte !== 32) return false;
      at++;
    }
    at++;
    if (column >= this.limits.columns) return false;
    if (type === TYPE.inlineStr) return this.fastInline(at, column);
    if (data[at] !== V[0] || data[at + 1] !== V[1] || data[at + 2] !== V[2]) return false;
    return type === TYPE.s
      ? this.fastShared(at + 3, column)
      : this.context.styles[style]
        ? false
        : this.fastNumber(at + 3, column);
  }

  /** The cell ends at `end` and stands in that column. */
  private take(end: number, column: number): boolean {
    if (column >= this.limits.columns) return false;
    if (column <= this.lastColumn) this.ordered = false;
    this.lastColumn = column;
    this.at = end;
    return true;
  }

  private fastShared(start: number, column: number): boolean {
    const { data } = this;
    let index = 0;
    let at = start;
    for (let byte = data[at]!; byte >= ZERO && byte <= NINE && at - start < 9; byte = data[++at]!) {
      index = index * 10 + byte - ZERO;
    }
    if (at === start || !matches(data, at, END_V)) return false;
    this.row.add(column, CELL.shared, this.checkIndex(index, index), 0);
    return this.take(at + END_V.length, column);
  }

  /** A number that is shown as it is stored: at most 15 digits, no exponent, no needless zeros. */
  private fastNumber(start: number, column: number): boolean {
    const { data } = this;
    let at = start;
    if (data[at] === MINUS) at++;
    const first = at;
    let point = 0;
    for (let byte = data[at]!; ; byte = data[++at]!) {
      if (byte >= ZERO && byte <= NINE) {
        if (at - first > PRECISE) return false;
      } else if (byte === POINT && point === 0) point = at;
      else break;
    }
    const digits = at - first - (point > 0 ? 1 : 0);
    if (digits === 0 || digits > PRECISE || !matches(data, at, END_V)) return false;
    if (data[first] === ZERO && at - first > 1 && point !== first + 1) return false;
    if (point > 0 && (point === first || data[at - 1] === ZERO || data[at - 1] === POINT)) return false;
    // Small fractions would be printed by another rule, and there is no -0.
    if (data[first] === ZERO && (first > start || point > 0)) return false;
    const from = this.row.text.copy(data, start, at);
    this.row.add(column, CELL.number, from, this.row.text.length);
    return this.take(at + END_V.length, column);
  }

  private fastInline(start: number, column: number): boolean {
    const { data } = this;
    if (!matches(data, start, INLINE)) return false;
    let from = start + INLINE.length;
    if (data[from] === GT) from++;
    else if (matches(data, from, PRESERVE)) from += PRESERVE.length;
    else return false;
    const limit = this.length - 32;
    let to = from;
    let underscore = false;
    for (let byte = data[to]!; byte !== LT; byte = data[++to]!) {
      if (to >= limit || byte === 38 || byte === 13) return false;
      if (byte === 95) underscore = true;
    }
    if (!matches(data, to, END_INLINE)) return false;
    if (underscore && findEscape(data, from, to) >= 0) return false;
    const copied = this.row.text.copy(data, from, to);
    this.row.add(column, CELL.text, copied, this.row.text.length);
    return this.take(to + END_INLINE.length, column);
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

function matches(data: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (data[at + i] !== expected[i]) return false;
  return true;
}
