/** What Excel does to the columns of a roll, and what of that can be undone without guessing. */

import type { Dataset } from '../model.ts';
import { fields } from '../reference.ts';
import { CELL, type Row } from './xlsx/row.ts';

/** Columns whose values all have one width: there a number's lost zeros are known. */
const FIXED_WIDTH: [RegExp, number][] = [
  [/^DOR_UC$/, 3],
  [/_ZIPCD$/, 5],
  [/^QUAL_CD\d?$/, 2],
  [/^SALE_MO\d?$/, 2],
  [/^BAS_STRT$/, 2],
  [/^DT_LAST_INSPT$/, 4],
];
/** Columns of identifiers. */
const IDS = /^(PARCEL_ID|ACCT_ID|SALE_ID_CD|MP_ID|RS_ID|TS_ID)$/;
/** Identifiers in hexadecimal, and their width: among them are some that Excel reads as numbers with an exponent. */
const HEXADECIMAL: [RegExp, number][] = [
  [/^MP_ID$/, 8],
  [/^(RS|TS)_ID$/, 4],
];
/** Those that other files refer to, and that have one width in a county whose identifiers are numbers. */
const REFERRED = /^(PARCEL_ID|ACCT_ID)$/;

/** Excel keeps 15 digits of a number. */
const BEYOND_PRECISE = 1e15;

const NUMERIC = 0;
const TEXT = 1;
const ID = 2;
const EXTRA = 3;
/** Widths are this plus the number of digits. */
const FIXED = 10;

/** What the identifiers of a column look like where Excel left them texts. */
interface IdTexts {
  least: number;
  most: number;
  lettered: boolean;
}

/** Why a row is rejected (F14), and the column that is to blame. */
export interface Fault {
  column: string;
  message: string;
}

/** What is only known when all rows were seen, and decides about the first of them. */
export interface Learnt {
  /** By field, of columns of identifiers that hold numbers and texts. */
  ids: Map<number, IdTexts>;
  /** By sheet, 0-based columns that have no name and hold something. */
  unnamed: Map<string, Set<number>>;
}

/** Looks at the cells of rows, one after the other, and keeps count. */
export class CellCheck {
  /** Values that got leading zeros back, by field. */
  readonly repaired: number[];
  /** Numbers in columns of text, whose leading zeros nobody knows, by field. */
  readonly unknown: number[];
  /** Dates, error values and uncomputed formulas in columns that are no field, by field. */
  readonly odd: number[];
  /** What this pass over the rows taught. */
  readonly learnt: Learnt = { ids: new Map(), unnamed: new Map() };
  private readonly texts = new Map<number, IdTexts>();
  private readonly treatment: Uint8Array;
  /** Columns of identifiers that hold numbers. */
  private readonly numbers = new Set<number>();
  /** Least and most digits of numbers in columns that identify a row, by field. */
  private readonly digits = new Map<number, [least: number, most: number]>();

  /**
   * @param columns names of the fields, those of columns without a name among them.
   * @param known what a pass over the same rows taught; null for the first.
   */
  constructor(
    dataset: Dataset,
    private readonly columns: string[],
    private readonly known: Learnt | null,
  ) {
    const types = new Map(fields(dataset).map(({ name, type }) => [name, type]));
    this.treatment = Uint8Array.from(columns, (name) => {
      const width = FIXED_WIDTH.find(([pattern]) => pattern.test(name))?.[1];
      if (!types.has(name)) return EXTRA;
      if (width) return FIXED + width;
      if (IDS.test(name)) return ID;
      return ['int', 'decimal'].includes(types.get(name)!) ? NUMERIC : TEXT;
    });
    this.repaired = columns.map(() => 0);
    this.unknown = columns.map(() => 0);
    this.odd = columns.map(() => 0);
  }

  /**
   * Gives a row's codes their zeros back. Returns what is wrong with the row, null when nothing is, and undefined when
   * it holds nothing at all. Columns that are no field make no row, unless they hold values, and spoil none.
   * @param places field of each column of the sheet, -1 for columns without a name.
   */
  look(row: Row, places: Int32Array, sheet: string): Fault | null | undefined {
    let empty = true;
    let fault: Fault | null = null;
    for (let cell = 0; cell < row.count; cell++) {
      const kind = row.kind[cell]!;
      const place = places[row.column[cell]!] ?? -1;
      const treatment = place < 0 ? EXTRA : this.treatment[place]!;
      if (treatment === EXTRA) {
        if (place < 0) this.noteUnnamed(row, cell, sheet);
        else if (kind > CELL.boolean) this.odd[place]!++;
        if (empty && kind <= CELL.date && !isEmpty(row, cell)) empty = false;
        continue;
      }
      if (empty && !isEmpty(row, cell)) empty = false;
      if (kind > CELL.boolean) fault ??= this.fault(row, cell, place);
      else if (kind === CELL.number && treatment !== NUMERIC) fault ??= this.number(row, cell, place);
      else if (treatment === ID && kind < CELL.number) this.noteText(row, cell, place);
    }
    return empty ? undefined : fault;
  }

  /** True when a second pass would decide otherwise than this one did. */
  get isNews(): boolean {
    for (const place of this.numbers) {
      const texts = this.texts.get(place);
      if (texts) this.learnt.ids.set(place, texts);
    }
    return this.known === null && (this.learnt.ids.size > 0 || this.learnt.unnamed.size > 0);
  }

  /** Columns that identify rows whose numbers have different widths: zeros may be lost, and rows would be others. */
  uncertainIds(): string[] {
    return [...this.digits]
      .filter(([, [least, most]]) => least !== most)
      .map(([place, [least, most]]) => `${this.columns[place]} (${least} to ${most} digits)`);
  }

  private noteDigits(place: number, digits: number): void {
    const [least, most] = this.digits.get(place) ?? [digits, digits];
    this.digits.set(place, [Math.min(least, digits), Math.max(most, digits)]);
  }

  private noteUnnamed(row: Row, cell: number, sheet: string): void {
    if (isEmpty(row, cell) && row.kind[cell] !== CELL.formula) return;
    const columns = this.learnt.unnamed.get(sheet);
    if (columns) columns.add(row.column[cell]!);
    else this.learnt.unnamed.set(sheet, new Set([row.column[cell]!]));
  }

  private noteText(row: Row, cell: number, place: number): void {
    if (this.known || isEmpty(row, cell)) return;
    const shared = row.kind[cell] === CELL.shared;
    if (shared) row.strings.find(row.start[cell]!);
    const { bytes } = shared ? row.strings : row.text;
    const start = shared ? row.strings.start : row.start[cell]!;
    const end = shared ? row.strings.end : row.end[cell]!;
    const width = end - start;
    const texts = this.texts.get(place) ?? { least: width, most: width, lettered: false };
    this.texts.set(place, texts);
    if (width < texts.least) texts.least = width;
    if (width > texts.most) texts.most = width;
    for (let at = start; at < end && !texts.lettered; at++) texts.lettered = bytes[at]! >= 65;
  }

  private fault(row: Row, cell: number, place: number): Fault {
    const column = this.columns[place]!;
    const text = row.textOf(cell).slice(0, 40);
    if (row.kind[cell] === CELL.date)
      return { column, message: `${column} holds the date ${text}: Excel made it of something else` };
    if (row.kind[cell] === CELL.formula)
      return { column, message: `${column} holds a formula whose result is not in the file` };
    return { column, message: `${column} holds the error ${text}` };
  }

  /** A number in a column of text. Returns what cannot be undone. */
  private number(row: Row, cell: number, place: number): Fault | null {
    const text = row.textOf(cell);
    const treatment = this.treatment[place]!;
    const column = this.columns[place]!;
    const fault = (why: string) => ({ column, message: `${column} holds the number ${text}${why}` });
    const plain = /^\d+$/.test(text);
    if (Math.abs(Number(text)) >= BEYOND_PRECISE)
      return fault(': Excel keeps 15 digits, the others are lost');
    if (treatment >= FIXED) {
      this.pad(row, cell, place, treatment - FIXED);
      return null;
    }
    if (treatment === ID) {
      if (!plain) return fault(', which is no identifier');
      const why = this.identifier(row, cell, place, text);
      if (why !== null) return why === '' ? null : fault(why);
    }
    this.unknown[place]!++;
    return null;
  }

  /**
   * A number where an identifier should be. Returns what cannot be undone, '' when its zeros are back or none were lost,
   * and null when that is not known.
   */
  private identifier(row: Row, cell: number, place: number, text: string): string | null {
    const column = this.columns[place]!;
    this.numbers.add(place);
    const hexadecimal = HEXADECIMAL.find(([pattern]) => pattern.test(column))?.[1];
    const texts = hexadecimal
      ? { least: hexadecimal, most: hexadecimal, lettered: true }
      : this.known?.ids.get(place);
    if (!texts) {
      if (REFERRED.test(column)) this.noteDigits(place, text.length);
      return null;
    }
    const { least, most, lettered } = texts;
    const spelling = lettered ? withExponent(text, most) : null;
    if (spelling) return `, which Excel may have made of ${spelling}`;
    if (text.length === most) return '';
    if (text.length > most) {
      if (REFERRED.test(column)) this.noteDigits(place, text.length);
      return null;
    }
    if (least !== most)
      return `: others are texts of ${least} to ${most} characters, so lost zeros cannot be known`;
    this.pad(row, cell, place, most);
    return '';
  }

  private pad(row: Row, cell: number, place: number, width: number): void {
    const text = row.textOf(cell);
    if (!/^\d+$/.test(text) || text.length >= width) return;
    row.replace(cell, text.padStart(width, '0'));
    this.repaired[place]!++;
  }
}

/** The identifier of that width which Excel reads as this number, such as 000837E2 for 83700; null without one. */
function withExponent(digits: string, width: number): string | null {
  const significant = digits.replace(/0+$/, '').length;
  for (let power = 0; power <= digits.length - significant; power++) {
    const spelling = `${digits.slice(0, digits.length - power) || '0'}E${power}`;
    if (spelling.length <= width) return spelling.padStart(width, '0');
  }
  return null;
}

function isEmpty(row: Row, cell: number): boolean {
  if (row.kind[cell] === CELL.formula) return false;
  if (row.kind[cell] !== CELL.shared) return row.start[cell] === row.end[cell];
  row.strings.find(row.start[cell]!);
  return row.strings.start === row.strings.end;
}
