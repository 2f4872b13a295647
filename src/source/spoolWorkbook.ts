/** Reads a workbook once and writes its rows as the CSV that the engine reads: from there on it is a CSV's path. */

import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileRefused } from '../errors.ts';
import type { RuleResult } from '../model.ts';
import { type Candidate, displayName } from './candidate.ts';
import { explainDiskFull } from './diskFull.ts';
import { CellCheck } from './excelCells.ts';
import type { Identity } from './identify.ts';
import { type LocatedRecord, locateRecords } from './locate.ts';
import { LONGEST_RECORD } from './records.ts';
import { type RollSheet, withWorkbook } from './rollSheets.ts';
import { RowPlaces } from './rowPlaces.ts';
import type { Spooled } from './spool.ts';
import { CsvWriter } from './xlsx/csv.ts';
import type { Row } from './xlsx/row.ts';

export interface SpooledWorkbook extends Spooled {
  places: RowPlaces;
  /** F13. */
  warnings: RuleResult[];
}

interface SpoolWorkbookRequest {
  candidate: Candidate;
  identity: Identity;
  scratch: string;
  /** Short name for the files in scratch. */
  name: string;
  /** Called with the packed bytes read so far. */
  onBytes?: (bytes: number) => void;
}

/**
 * Stacks the chosen sheets. Rows that hold nothing are no records.
 * @throws FileRefused F01, F09, or F13 when identifiers may have lost zeros; DorError when the disk is full.
 */
export async function spoolWorkbook(request: SpoolWorkbookRequest): Promise<SpooledWorkbook> {
  const { candidate, identity, scratch, name } = request;
  const sha256 = await hashFile(candidate.onDisk!);
  const copy = new SheetCopy(identity, join(scratch, `${name}.csv`), join(scratch, `${name}.rejects.ndjson`));
  try {
    await withWorkbook(candidate, scratch, async (workbook) => {
      let before = 0;
      for (const roll of identity.sheets) {
        copy.begin(roll);
        let packed = 0;
        await workbook.readRows(
          roll.sheet,
          (row) => copy.row(row),
          (bytes) => {
            packed = bytes;
            request.onBytes?.(before + bytes);
          },
        );
        before += packed;
      }
    });
    copy.finish();
  } catch (error) {
    copy.discard();
    // The rows as text need about as much as the sheets when they are packed badly, and a few times that at most.
    throw explainDiskFull(error, displayName(candidate), 5 * candidate.bytes, scratch);
  } finally {
    copy.close();
  }
  refuse(candidate, copy);
  const { records, rejected, csvPath, places } = copy;
  return {
    csvPath,
    sha256,
    encoding: 'utf-8',
    converted: 0,
    convertedLines: [],
    newline: 'none',
    records,
    rejected,
    rejectsPath: rejected > 0 ? copy.rejectsPath : null,
    places,
    warnings: zeroWarnings(identity, copy.check),
  };
}

/** The way back from ordinals to sheet, row and text, by way of the spooled CSV. */
export async function* locateInWorkbook(
  csv: string,
  columns: number,
  places: RowPlaces,
  ordinals: number[],
  scratch: string,
): AsyncGenerator<LocatedRecord> {
  const spooled = { path: csv, members: [], kind: 'csv' as const, bytes: 0, fileBytes: 0 };
  const candidate = { ...spooled, fileMtimeMs: 0, fileDate: null };
  for await (const { ordinal, text } of locateRecords(candidate, 'utf-8', columns, ordinals, scratch)) {
    const { sheet, row } = places.find(ordinal);
    yield { ordinal, line: row, sheet, text };
  }
}

/** The spooled file as it grows, with what is no row beside it. */
class SheetCopy {
  records = 0;
  rejected = 0;
  readonly places = new RowPlaces();
  readonly check: CellCheck;
  private readonly out: number;
  private rejects: number | null = null;
  private readonly csv: CsvWriter;
  private readonly width: number;
  private headerRow = 0;
  private sheet = '';
  private fields = new Int32Array(0);

  constructor(
    identity: Identity,
    readonly csvPath: string,
    readonly rejectsPath: string,
  ) {
    this.check = new CellCheck(identity);
    this.width = identity.columns.length;
    this.out = openSync(csvPath, 'w');
    this.csv = new CsvWriter((block) => writeAll(this.out, block));
    writeAll(this.out, Buffer.from(`${identity.columns.map(quoted).join(',')}\n`));
  }

  begin({ sheet, headerRow, columns }: RollSheet): void {
    this.sheet = sheet.name;
    this.headerRow = headerRow;
    this.fields = new Int32Array(Math.max(...columns) + 1).fill(-1);
    columns.forEach((column, place) => {
      this.fields[column] = place;
    });
  }

  row(row: Row): void {
    if (row.number <= this.headerRow) return;
    const fault = this.check.look(row, this.fields);
    if (fault === undefined) return;
    this.records++;
    const length = this.csv.render(row, this.width, this.fields);
    if (fault) this.reject(row.number, fault.rule, fault.message);
    else if (length > LONGEST_RECORD) this.reject(row.number, 'F04', `${length} bytes, which no record has`);
    else {
      this.csv.keep();
      this.places.add(this.sheet, row.number);
    }
  }

  finish(): void {
    this.csv.flush();
  }

  /** The run's own record still has to be written when the disk is full. */
  discard(): void {
    rmSync(this.csvPath, { force: true });
    rmSync(this.rejectsPath, { force: true });
  }

  close(): void {
    closeSync(this.out);
    if (this.rejects !== null) closeSync(this.rejects);
  }

  private reject(line: number, rule: string, message: string): void {
    this.rejected++;
    this.rejects ??= openSync(this.rejectsPath, 'w');
    const text = this.csv.takeBack(LONGEST_RECORD);
    const letter = { line, sheet: this.sheet, rule, message, text };
    writeAll(this.rejects, Buffer.from(`${JSON.stringify(letter)}\n`));
  }
}

/** A write may take less than it was given when the disk is nearly full. */
function writeAll(file: number, block: Buffer): void {
  for (let at = 0; at < block.length; ) at += writeSync(file, block, at);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function refuse(candidate: Candidate, { records, rejected, check }: SheetCopy): void {
  const label = displayName(candidate);
  if (records === rejected) {
    throw new FileRefused(
      'F09',
      label,
      `has no row among its ${records} records`,
      'look at the file in Excel',
    );
  }
  const uncertain = check.uncertainIds();
  if (uncertain.length === 0) return;
  throw new FileRefused(
    'F13',
    label,
    `stores identifiers as numbers of different widths: ${uncertain.join(', ')}; leading zeros that Excel took away cannot be known`,
    'import the CSV into Excel with these columns as Text and save it again, or offer the CSV itself',
  );
}

function zeroWarnings({ columns }: Identity, { repaired, unknown }: CellCheck): RuleResult[] {
  const list = (counts: number[]) =>
    columns
      .map((name, place) => [name, counts[place]!] as const)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const found = [
    [repaired, 'numbers in columns of codes got their leading zeros back, whose width is known: '],
    [unknown, 'numbers in columns of text; leading zeros, if there were any, are lost: '],
  ] as const;
  return found
    .filter(([counts]) => counts.some((count) => count > 0))
    .map(([counts, words]) => ({
      id: 'F13',
      severity: 'warning',
      message: words + list([...counts]),
      rows: Math.max(...counts),
      samples: [],
    }));
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
