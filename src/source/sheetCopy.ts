/** Rows of sheets as the CSV that the engine reads, with what is no row beside it. */

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Candidate } from './candidate.ts';
import { CellCheck, type Fault, type Learnt } from './excelCells.ts';
import { refuseTooManyExtra } from './extraColumns.ts';
import type { Identity, RollSheet } from './identity.ts';
import { LONGEST_RECORD } from './records.ts';
import { mayBeRow } from './rollSheets.ts';
import { RowPlaces } from './rowPlaces.ts';
import { CsvWriter } from './xlsx/csv.ts';
import { XLSX_LIMITS } from './xlsx/limits.ts';
import { columnName, type Row } from './xlsx/row.ts';

/** The spooled file as it grows, with what is no row beside it. */
export class SheetCopy {
  records = 0;
  rejected = 0;
  readonly places = new RowPlaces();
  readonly check: CellCheck;
  readonly columns: string[];
  readonly unnamed: string[];
  /** Rejected rows by rule and column, each with what is wrong with the first of them. */
  readonly reasons = new Map<string, { rows: number; example: string }>();
  private readonly out: number;
  private rejects: number | null = null;
  private readonly csv: CsvWriter;
  /** Rows above headers that are no rows of the roll, and are more than a title: sheet and number. */
  readonly titles: string[] = [];
  private roll: RollSheet | null = null;
  /** Rows of the sheet so far. */
  private seen = 0;
  private sheet = '';
  private fields = new Int32Array(0);
  /** Fields of columns without a name, by the column. */
  private readonly unnamedPlaces = new Map<number, number>();

  constructor(
    candidate: Candidate,
    { dataset, columns, extra }: Identity,
    private readonly learnt: Learnt | null,
    readonly paths: { csv: string; rejects: string },
  ) {
    const found = new Set([...(learnt?.unnamed.values() ?? [])].flatMap((one) => [...one]));
    refuseTooManyExtra(candidate, extra.length + found.size);
    this.columns = [...columns];
    for (const column of [...found].sort((a, b) => a - b)) {
      this.unnamedPlaces.set(column, this.columns.length);
      let name = `COLUMN ${columnName(column)}`;
      while (columns.includes(name)) name += '_';
      this.columns.push(name);
    }
    this.unnamed = this.columns.slice(columns.length);
    this.check = new CellCheck(dataset, this.columns, learnt);
    this.out = openSync(paths.csv, 'w');
    this.csv = new CsvWriter((block) => writeAll(this.out, block));
    this.csv.header(this.columns);
  }

  begin(roll: RollSheet): void {
    const { sheet, columns } = roll;
    this.sheet = sheet.name;
    this.roll = roll;
    this.seen = 0;
    this.fields = new Int32Array(XLSX_LIMITS.columns).fill(-1);
    columns.forEach((column, place) => {
      this.fields[column] = place;
    });
    for (const column of this.learnt?.unnamed.get(sheet.name) ?? [])
      if (this.fields[column]! < 0) this.fields[column] = this.unnamedPlaces.get(column)!;
  }

  row(row: Row): void {
    const { above } = this.roll!;
    if (this.seen++ <= above) {
      if (this.seen <= above) this.aboveHeader(row);
      return;
    }
    const fault = this.check.look(row, this.fields, this.sheet);
    if (fault === undefined) return;
    this.records++;
    const length = this.render(row);
    if (fault) this.reject(row.number, fault);
    else if (length > LONGEST_RECORD)
      this.reject(row.number, noRecord(`${length} bytes, which no record has`));
    else {
      this.csv.keep();
      this.places.add(this.sheet, row.number);
    }
  }

  /** Sorted together with its header, a sheet has rows above it: they are kept as dead letters and told. */
  private aboveHeader(row: Row): void {
    const texts = row.texts();
    if (mayBeRow(texts, this.roll!)) {
      this.records++;
      this.check.noteExtras(row, this.fields, this.sheet);
      this.render(row);
      const header = `the header, which is in row ${this.roll!.headerRow}: move the header to the top`;
      this.reject(row.number, noRecord(`stands above ${header}`));
    } else if (texts.filter((text) => text.trim() !== '').length > 1) {
      this.titles.push(`"${this.sheet}" ${row.number}`);
    }
  }

  finish(): void {
    this.csv.flush();
  }

  /** The run's own record still has to be written when the disk is full. */
  discard(): void {
    rmSync(this.paths.csv, { force: true });
    rmSync(this.paths.rejects, { force: true });
  }

  close(): void {
    closeSync(this.out);
    if (this.rejects !== null) closeSync(this.rejects);
  }

  /** Columns without a name come last, wherever they stand in the sheet. */
  private render(row: Row): number {
    if (this.unnamed.length > 0) row.sortBy((column) => this.fields[column]!);
    return this.csv.render(row, this.columns.length, this.fields);
  }

  private reject(line: number, { rule, column, message }: Fault): void {
    this.rejected++;
    const reason = column ? `${rule} ${column}` : rule;
    const rows = this.reasons.get(reason) ?? { rows: 0, example: message };
    this.reasons.set(reason, rows);
    rows.rows++;
    this.rejects ??= openSync(this.paths.rejects, 'w');
    const text = this.csv.takeBack(LONGEST_RECORD);
    const letter = { line, sheet: this.sheet, rule, message, text };
    writeAll(this.rejects, Buffer.from(`${JSON.stringify(letter)}\n`));
  }
}

const noRecord = (message: string): Fault => ({ rule: 'F04', column: null, message });

/** A write may take less than it was given when the disk is nearly full. */
function writeAll(file: number, block: Buffer): void {
  for (let at = 0; at < block.length; ) at += writeSync(file, block, at);
}
