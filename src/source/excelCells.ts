/** What Excel does to the columns of a roll, and what of that can be undone without guessing. */

import type { Dataset } from '../model.ts';
import { fields, isWrittenAsNumber } from '../reference.ts';
import { IdColumn, type IdTexts } from './excelIds.ts';
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
/** Excel keeps 15 digits of a number. */
const BEYOND_PRECISE = 1e15;

const NUMERIC = 0;
const TEXT = 1;
const ID = 2;
const EXTRA = 3;
/** Widths are this plus the number of digits. */
const FIXED = 10;

/** Why a row is rejected, and the column that is to blame; null when none is. */
export interface Fault {
  rule: 'F04' | 'F14';
  column: string | null;
  message: string;
}

const BESIDE: Fault = {
  rule: 'F04',
  column: null,
  message: 'holds nothing in the columns of the roll, only beside them',
};

/** What is only known when all rows were seen, and decides about the first of them. */
export interface Learnt {
  /** By name, of columns of identifiers that hold numbers and texts. */
  ids: Map<string, IdTexts>;
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
  private readonly treatment: Uint8Array;
  /** By field. */
  private readonly ids = new Map<number, IdColumn>();
  private readonly unnamed: Learnt['unnamed'] = new Map();

  /**
   * @param columns names of the fields, those of columns without a name among them.
   * @param known what a pass over the same rows taught; null for the first.
   */
  constructor(
    dataset: Dataset,
    private readonly columns: string[],
    private readonly known: Learnt | null,
  ) {
    const ofRoll = new Map(fields(dataset).map((field) => [field.name, field]));
    this.treatment = Uint8Array.from(columns, (name) => {
      const width = FIXED_WIDTH.find(([pattern]) => pattern.test(name))?.[1];
      const field = ofRoll.get(name);
      if (!field) return EXTRA;
      if (width) return FIXED + width;
      if (IDS.test(name)) return ID;
      return isWrittenAsNumber(field) ? NUMERIC : TEXT;
    });
    columns.forEach((name, place) => {
      if (this.treatment[place] === ID) this.ids.set(place, new IdColumn(name, known?.ids.get(name)));
    });
    this.repaired = columns.map(() => 0);
    this.unknown = columns.map(() => 0);
    this.odd = columns.map(() => 0);
  }

  /**
   * Gives a row's codes their zeros back. Returns what is wrong with the row, null when nothing is, and undefined when
   * it holds nothing at all. Columns that are no field spoil no row, and make none.
   * @param places field of each column of the sheet, -1 for columns without a name.
   */
  look(row: Row, places: Int32Array, sheet: string): Fault | null | undefined {
    let empty = true;
    let fault: Fault | null = null;
    let beside = false;
    let hasExtras = false;
    for (let cell = 0; cell < row.count; cell++) {
      const kind = row.kind[cell]!;
      const place = places[row.column[cell]!] ?? -1;
      const treatment = place < 0 ? EXTRA : this.treatment[place]!;
      if (treatment === EXTRA) {
        if (place < 0 || kind > CELL.boolean) hasExtras = true;
        // Errors and uncomputed formulas are what is filled down beyond the last row.
        if (kind <= CELL.date && !isEmpty(row, cell)) beside = true;
        continue;
      }
      if (empty && !isEmpty(row, cell)) empty = false;
      if (kind > CELL.boolean) fault ??= this.fault(row, cell, place);
      else if (kind === CELL.number && treatment !== NUMERIC) fault ??= this.number(row, cell, place);
      else if (treatment === ID && kind < CELL.number) this.noteText(row, cell, place);
    }
    if (empty && !beside) return undefined;
    if (hasExtras) this.noteExtras(row, places, sheet);
    return empty ? BESIDE : fault;
  }

  /** What a second pass needs to know; null when it would decide as this one did. */
  learn(): Learnt | null {
    const ids = new Map(
      [...this.ids.values()].flatMap(({ name, learnt }) => (learnt ? [[name, learnt]] : [])),
    );
    return !this.known && ids.size + this.unnamed.size > 0 ? { ids, unnamed: this.unnamed } : null;
  }

  /** Columns that identify rows whose numbers have different widths. */
  uncertainIds(): string[] {
    return [...this.ids.values()].map(({ uncertain }) => uncertain).filter((text) => text !== null);
  }

  /** Takes note of what a row has in columns without a name, and of odd values in those that are no field. */
  noteExtras(row: Row, places: Int32Array, sheet: string): void {
    for (let cell = 0; cell < row.count; cell++) {
      const column = row.column[cell]!;
      const place = places[column] ?? -1;
      if (place < 0 && !isEmpty(row, cell)) {
        const columns = this.unnamed.get(sheet) ?? new Set();
        this.unnamed.set(sheet, columns.add(column));
      } else if (this.treatment[place] === EXTRA && row.kind[cell]! > CELL.boolean) this.odd[place]!++;
    }
  }

  private noteText(row: Row, cell: number, place: number): void {
    if (this.known || isEmpty(row, cell)) return;
    const shared = row.kind[cell] === CELL.shared;
    if (shared) row.strings.find(row.start[cell]!);
    const column = this.ids.get(place)!;
    if (shared) column.noteText(row.strings.bytes, row.strings.start, row.strings.end);
    else column.noteText(row.text.bytes, row.start[cell]!, row.end[cell]!);
  }

  private fault(row: Row, cell: number, place: number): Fault {
    const text = row.textOf(cell).slice(0, 40);
    const kind = row.kind[cell];
    let what = 'a value that is not of the kind that its cell says';
    if (kind === CELL.date) what = `the date ${text}: Excel made it of something else`;
    else if (kind === CELL.formula) what = 'a formula whose result is not in the file';
    else if (text.startsWith('#')) what = `the error ${text}`;
    return this.holds(place, what);
  }

  private holds(place: number, what: string): Fault {
    const column = this.columns[place]!;
    return { rule: 'F14', column, message: `${column} holds ${what}` };
  }

  /** A number in a column of text. Returns what cannot be undone. */
  private number(row: Row, cell: number, place: number): Fault | null {
    const text = row.textOf(cell);
    const treatment = this.treatment[place]!;
    const fault = (why: string) => this.holds(place, `the number ${text}${why}`);
    const isPlain = /^\d+$/.test(text);
    if (Math.abs(Number(text)) >= BEYOND_PRECISE)
      return fault(': Excel keeps 15 digits, the others are lost');
    if (treatment >= FIXED) {
      if (isPlain) this.replace(row, cell, place, text.padStart(treatment - FIXED, '0'));
      return null;
    }
    if (treatment === ID) {
      if (!isPlain) return fault(', which is no identifier');
      const found = this.ids.get(place)!.restore(text);
      if (found && 'fault' in found) return fault(found.fault);
      if (found) {
        this.replace(row, cell, place, found.id);
        return null;
      }
    }
    this.unknown[place]!++;
    return null;
  }

  /** Writes the text with the zeros that it lost, if it lost any. */
  private replace(row: Row, cell: number, place: number, text: string): void {
    if (text.length === row.end[cell]! - row.start[cell]!) return;
    row.replace(cell, text);
    this.repaired[place]!++;
  }
}

function isEmpty(row: Row, cell: number): boolean {
  if (row.kind[cell] === CELL.formula) return false;
  if (row.kind[cell] !== CELL.shared) return row.start[cell] === row.end[cell];
  row.strings.find(row.start[cell]!);
  return row.strings.start === row.strings.end;
}
