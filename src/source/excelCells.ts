/** What Excel does to the columns of a roll, and what of that can be undone without guessing. */

import { fields } from '../reference.ts';
import type { Identity } from './identify.ts';
import { CELL, columnName, type Row } from './xlsx/row.ts';

/** Columns whose values all have one width: there a number's lost zeros are known. */
const FIXED_WIDTH: [RegExp, number][] = [
  [/^DOR_UC$/, 3],
  [/_ZIPCD$/, 5],
  [/^QUAL_CD\d?$/, 2],
  [/^SALE_MO\d?$/, 2],
  [/^BAS_STRT$/, 2],
  [/^DT_LAST_INSPT$/, 4],
];
/** Columns that identify a row. */
const IDS = /^(PARCEL_ID|ACCT_ID|SALE_ID_CD)$/;
/** Those that other files refer to, and that have one width in a county whose identifiers are numbers. */
const REFERRED = /^(PARCEL_ID|ACCT_ID)$/;

/** Digits that Excel keeps of a number. */
const PRECISE = 15;

const NUMERIC = 0;
const TEXT = 1;
const ID = 2;
/** Widths are this plus the number of digits. */
const FIXED = 10;

/** Looks at the cells of rows, one after the other, and keeps count. */
export class CellCheck {
  /** Values that got leading zeros back, by field. */
  readonly repaired: number[];
  /** Numbers in columns of text, whose leading zeros nobody knows, by field. */
  readonly unknown: number[];
  private readonly treatment: Uint8Array;
  /** Least and most digits of numbers in columns that identify a row, by field. */
  private readonly digits = new Map<number, [least: number, most: number]>();

  constructor(private readonly identity: Pick<Identity, 'dataset' | 'columns'>) {
    const types = new Map(fields(identity.dataset).map(({ name, type }) => [name, type]));
    this.treatment = Uint8Array.from(identity.columns, (name) => {
      const width = FIXED_WIDTH.find(([pattern]) => pattern.test(name))?.[1];
      if (width) return FIXED + width;
      if (IDS.test(name)) return ID;
      return ['int', 'decimal'].includes(types.get(name) ?? '') ? NUMERIC : TEXT;
    });
    this.repaired = identity.columns.map(() => 0);
    this.unknown = identity.columns.map(() => 0);
  }

  /**
   * Gives a row's codes their zeros back. Returns what is wrong with the row, null when nothing is, and undefined when
   * it holds nothing at all.
   * @param places field of each column of the sheet, -1 for columns without a name.
   */
  look(row: Row, places: Int32Array): { rule: string; message: string } | null | undefined {
    let empty = true;
    for (let cell = 0; cell < row.count; cell++) {
      const kind = row.kind[cell]!;
      const place = places[row.column[cell]!] ?? -1;
      if (empty && !isEmpty(row, cell)) empty = false;
      if (place < 0) {
        if (!isEmpty(row, cell)) return { rule: 'F04', message: outside(row, cell) };
      } else if (kind > CELL.number) {
        if (kind !== CELL.boolean) return { rule: 'F14', message: this.fault(row, cell, place) };
      } else if (kind === CELL.number && this.treatment[place] !== NUMERIC) {
        const message = this.number(row, cell, place);
        if (message) return { rule: 'F14', message };
      }
    }
    return empty ? undefined : null;
  }

  /** Columns that identify rows whose numbers have different widths: zeros may be lost, and rows would be others. */
  uncertainIds(): string[] {
    return [...this.digits]
      .filter(([, [least, most]]) => least !== most)
      .map(([place, [least, most]]) => `${this.identity.columns[place]} (${least} to ${most} digits)`);
  }

  private noteDigits(place: number, digits: number): void {
    const [least, most] = this.digits.get(place) ?? [digits, digits];
    this.digits.set(place, [Math.min(least, digits), Math.max(most, digits)]);
  }

  private fault(row: Row, cell: number, place: number): string {
    const name = this.identity.columns[place];
    const text = row.textOf(cell).slice(0, 40);
    if (row.kind[cell] === CELL.date)
      return `${name} holds the date ${text}: Excel made it of something else`;
    if (row.kind[cell] === CELL.formula) return `${name} holds a formula whose result is not in the file`;
    return `${name} holds the error ${text}`;
  }

  /** A number in a column of text. Returns what cannot be undone. */
  private number(row: Row, cell: number, place: number): string | null {
    const text = row.textOf(cell);
    const treatment = this.treatment[place]!;
    const name = this.identity.columns[place]!;
    const plain = /^\d+$/.test(text);
    if (text.replace(/\D/g, '').length > PRECISE && Math.abs(Number(text)) >= 1e15) {
      return `${name} holds the number ${text}: Excel keeps ${PRECISE} digits, the others are lost`;
    }
    if (treatment >= FIXED) {
      const width = treatment - FIXED;
      if (plain && text.length < width) {
        row.replace(cell, text.padStart(width, '0'));
        this.repaired[place]!++;
      }
      return null;
    }
    if (treatment === ID) {
      if (!plain) return `${name} holds the number ${text}, which is no identifier`;
      if (REFERRED.test(name)) this.noteDigits(place, text.length);
    }
    this.unknown[place]!++;
    return null;
  }
}

function isEmpty(row: Row, cell: number): boolean {
  if (row.kind[cell] === CELL.formula) return false;
  if (row.kind[cell] !== CELL.shared) return row.start[cell] === row.end[cell];
  row.strings.find(row.start[cell]!);
  return row.strings.start === row.strings.end;
}

function outside(row: Row, cell: number): string {
  const name = columnName(row.column[cell]!);
  return `column ${name} holds "${row.textOf(cell).slice(0, 40)}" and has no name in the header`;
}
