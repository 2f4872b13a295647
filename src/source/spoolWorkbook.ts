/** Reads a workbook once and writes its rows as the CSV that the engine reads: from there on it is a CSV's path. */

import { join } from 'node:path';
import { expectFullDisk } from '../diskFull.ts';
import { FileRefused } from '../errors.ts';
import { digestFile } from '../lake/fileSeal.ts';
import type { RuleResult } from '../model.ts';
import { type Candidate, displayName } from './candidate.ts';
import type { Learnt } from './excelCells.ts';
import { listNames } from './extraColumns.ts';
import type { Identity } from './identity.ts';
import { type LocatedRecord, locateRecords } from './locate.ts';
import { withWorkbook } from './rollSheets.ts';
import type { RowPlaces } from './rowPlaces.ts';
import { SheetCopy } from './sheetCopy.ts';
import type { Spooled } from './spool.ts';

export interface SpooledWorkbook extends Spooled {
  places: RowPlaces;
  /** The fields of the spooled file: those of the header, then those of columns without a name. */
  columns: string[];
  /** Columns without a name that hold something, under the name that they have here. */
  unnamed: string[];
  /** F03, F13, F14 and F15. */
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
  const sha256 = digestFile(request.candidate.onDisk!);
  const first = await copySheets(request, null);
  const learnt = first.check.learn();
  const copy = learnt ? await copySheets(request, learnt) : first;
  refuse(request.candidate, copy);
  const { records, rejected, paths, places, columns, unnamed } = copy;
  return {
    csvPath: paths.csv,
    sha256,
    encoding: 'utf-8',
    converted: 0,
    convertedLines: [],
    newline: 'none',
    records,
    rejected,
    rejectsPath: rejected > 0 ? paths.rejects : null,
    places,
    columns,
    unnamed,
    warnings: warnings(copy),
  };
}

/** One pass over the sheets. @param learnt what the pass before taught; null for the first. */
async function copySheets(request: SpoolWorkbookRequest, learnt: Learnt | null): Promise<SheetCopy> {
  const { candidate, identity, scratch, name } = request;
  const paths = { csv: join(scratch, `${name}.csv`), rejects: join(scratch, `${name}.rejects.ndjson`) };
  const copy = new SheetCopy(candidate, identity, learnt, paths);
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
    copy.close();
    copy.discard();
    throw expectFullDisk(error, { what: `unpacking ${displayName(candidate)}`, folder: scratch });
  }
  copy.close();
  return copy;
}

/** The way back from ordinals to sheet, row and text, by way of the spooled CSV. */
export async function* locateInWorkbook(
  { csv, columns, places, scratch }: { csv: string; columns: number; places: RowPlaces; scratch: string },
  ordinals: number[],
): AsyncGenerator<LocatedRecord> {
  const spooled = { path: csv, members: [], kind: 'csv' as const, bytes: 0, fileBytes: 0 };
  const candidate = { ...spooled, fileMtimeMs: 0, fileDate: null };
  const text = { candidate, encoding: 'utf-8' as const, columns, scratch };
  for await (const { ordinal, text: record } of locateRecords(text, ordinals)) {
    const { sheet, row } = places.find(ordinal);
    yield { ordinal, line: row, sheet, text: record };
  }
}

/** @throws FileRefused when nothing is left, or when rows may be others than they were. */
function refuse(candidate: Candidate, { records, rejected, reasons, check }: SheetCopy): void {
  const label = displayName(candidate);
  if (records === rejected) {
    const why = [...reasons].sort((a, b) => b[1].rows - a[1].rows).slice(0, 3);
    const list = why.map(([rule, { rows, example }]) => `${rule} ${rows} rows, such as: ${example}`);
    throw new FileRefused(
      'F09',
      label,
      `has no row among its ${records} records${list.length > 0 ? `; ${list.join('; ')}` : ''}`,
      why[0] ? 'put right what these columns hold in Excel, and save it again' : 'look at the file in Excel',
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

/** What was changed, left out or kept otherwise than it looks in Excel. */
function warnings({ check, columns, unnamed, titles }: SheetCopy): RuleResult[] {
  const { repaired, unknown, odd } = check;
  const list = (counts: number[]) =>
    listNames(columns.flatMap((name, place) => (counts[place]! > 0 ? [`${name} ${counts[place]}`] : [])));
  const found: [id: string, message: string, rows: number][] = [
    ['F15', `rows above the header that were taken for titles: ${listNames(titles)}`, titles.length],
    [
      'F03',
      `columns without a name, kept as text in "extra": ${listNames(unnamed)}`,
      unnamed.length > 0 ? 1 : 0,
    ],
    [
      'F14',
      `dates, error values or uncomputed formulas in columns that are no field, kept as text in "extra": ${list(odd)}`,
      Math.max(0, ...odd),
    ],
    [
      'F13',
      `numbers in columns of codes got their leading zeros back, whose width is known: ${list(repaired)}`,
      Math.max(...repaired),
    ],
    [
      'F13',
      `numbers in columns of text; leading zeros, if there were any, are lost: ${list(unknown)}`,
      Math.max(...unknown),
    ],
  ];
  return found
    .filter(([, , rows]) => rows > 0)
    .map(([id, message, rows]) => ({
      id,
      severity: 'warning',
      message,
      rows: id === 'F03' ? 0 : rows,
      samples: [],
    }));
}
