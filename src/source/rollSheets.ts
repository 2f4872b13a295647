/** Which sheets of a workbook are the roll: found by their headers, stacked when these agree, the others named. */

import { FileRefused } from '../errors.ts';
import type { Dataset, RuleResult } from '../model.ts';
import { type Candidate, displayName } from './candidate.ts';
import { datasetOf } from './header.ts';
import { type Identity, identifyRows, type RollSheet } from './identity.ts';
import { XlsxError } from './xlsx/errors.ts';
import type { Sheet } from './xlsx/parts.ts';
import { Workbook } from './xlsx/workbook.ts';

/** Rows that hold something in which a header is looked for, and from which county and year are told. */
const HEAD_ROWS = 100;

interface LookedAt {
  sheet: Sheet;
  roll: (RollSheet & { dataset: Dataset }) | null;
  /** Texts of the first rows, without the header and titles where there is one. */
  rows: string[][];
}

/**
 * What a workbook is, and which of its sheets are read.
 * @param wanted names of sheets to take instead of those that are found; none for finding them.
 * @throws FileRefused when it is no roll, holds several, or cannot be read.
 */
export async function identifyWorkbook(
  candidate: Candidate,
  wanted: string[],
  scratch: string,
): Promise<Identity> {
  const looked = await withWorkbook(candidate, scratch, (workbook) => lookAt(workbook, wanted, candidate));
  const chosen = looked.filter(({ roll, sheet }) => roll && (wanted.length > 0 || !sheet.hidden));
  const [first] = chosen;
  if (!first) throw noRoll(candidate, looked);
  refuseSeveral(candidate, chosen);
  const left = looked.filter((one) => !chosen.includes(one) && (one.rows.length > 0 || !one.sheet.part));
  if (wanted.length > 0) refuseHeaderless(candidate, left);
  else refuseContinued(candidate, first, left);

  const { names, columns } = first.roll!;
  const rows = first.rows.map((texts) => columns.map((column) => texts[column] ?? ''));
  const identity = identifyRows(candidate, names, rows);
  const sheets = chosen.map(({ roll }) => roll!);
  return { ...identity, sheets, warnings: [...identity.warnings, ...leftOut(left)] };
}

/** Opens a candidate's workbook for the work and closes it. @throws FileRefused F01 when it is damaged or hostile. */
export async function withWorkbook<T>(
  candidate: Candidate,
  scratch: string,
  work: (workbook: Workbook) => Promise<T>,
): Promise<T> {
  let workbook: Workbook | undefined;
  try {
    workbook = await Workbook.open(candidate.onDisk!, { scratch });
    return await work(workbook);
  } catch (error) {
    if (!(error instanceof XlsxError)) throw error;
    throw new FileRefused(
      'F01',
      displayName(candidate),
      `is a workbook that cannot be read: ${error.message}`,
      'open it in Excel or LibreOffice and save it again as .xlsx, or ask for the file again',
    );
  } finally {
    workbook?.close();
  }
}

async function lookAt(workbook: Workbook, wanted: string[], candidate: Candidate): Promise<LookedAt[]> {
  const folded = (name: string) => name.trim().toLowerCase();
  const names = wanted.map(folded);
  const sheets = workbook.sheets.filter(({ name }) => names.length === 0 || names.includes(folded(name)));
  const missing = wanted.filter((name) => !sheets.some((sheet) => folded(sheet.name) === folded(name)));
  if (missing.length > 0) {
    const there = workbook.sheets.map(({ name }) => `"${name}"`).join(', ');
    const what = `has no sheet ${missing.map((name) => `"${name}"`).join(', ')}`;
    throw new FileRefused('F02', displayName(candidate), what, `its sheets are ${there}`);
  }
  const looked: LookedAt[] = [];
  for (const sheet of sheets) {
    const head = sheet.part === null ? [] : await workbook.readHead(sheet, HEAD_ROWS);
    const at = head.findIndex(({ texts }) => datasetOf(texts) !== null);
    const header = head[at];
    if (!header) {
      looked.push({ sheet, roll: null, rows: head.map(({ texts }) => texts) });
      continue;
    }
    const columns = [...header.texts.keys()].filter((column) => header.texts[column]!.trim() !== '');
    const roll = {
      sheet,
      headerRow: header.number,
      above: at,
      columns,
      names: columns.map((column) => header.texts[column]!.trim()),
      dataset: datasetOf(header.texts)!,
    };
    const rows = head.map(({ texts }) => texts);
    const above = rows.slice(0, at).filter((texts) => mayBeRow(texts, roll));
    looked.push({ sheet, roll, rows: [...rows.slice(at + 1), ...above] });
  }
  return looked;
}

function noRoll(candidate: Candidate, looked: LookedAt[]): FileRefused {
  const hidden = looked.find(({ roll }) => roll);
  if (hidden) {
    const what = `holds a roll only in the hidden sheet "${hidden.sheet.name}"`;
    return new FileRefused(
      'F02',
      displayName(candidate),
      what,
      `take it with --sheet "${hidden.sheet.name}"`,
    );
  }
  const starts = looked.map(({ sheet, rows }) => {
    const start = (rows[0] ?? []).filter(Boolean).slice(0, 3).join(', ').slice(0, 60);
    return `"${sheet.name}" begins with ${start || 'nothing'}`;
  });
  return new FileRefused(
    'F02',
    displayName(candidate),
    `none of its sheets is a NAL, SDF or NAP: ${starts.slice(0, 5).join('; ') || 'it has none'}`,
    `a roll has its header (CO_NO, …) in one of the first ${HEAD_ROWS} rows; see data/reference/fields.csv`,
  );
}

/** Sheets of one table have one header; anything else needs a decision. */
function refuseSeveral(candidate: Candidate, chosen: LookedAt[]): void {
  const key = ({ roll }: LookedAt) => `${roll!.dataset} ${roll!.names.join('\0').toUpperCase()}`;
  if (new Set(chosen.map(key)).size === 1) return;
  const list = chosen
    .map(({ roll, sheet }) => `${roll!.dataset.toUpperCase()} in "${sheet.name}"`)
    .join(', ');
  throw new FileRefused(
    'F02',
    displayName(candidate),
    `holds several tables, or sheets whose headers differ: ${list}`,
    'choose with --sheet "name", or give them the same header',
  );
}

/** Sheets that were asked for by name must be rolls. */
function refuseHeaderless(candidate: Candidate, left: LookedAt[]): void {
  const [first] = left;
  if (!first) return;
  const what = `has no roll's header in the sheet "${first.sheet.name}"`;
  throw new FileRefused('F02', displayName(candidate), what, 'give it the header, or leave it out');
}

/** A sheet without a header whose rows look like the roll's: leaving it out would lose them without a word. */
function refuseContinued(candidate: Candidate, { roll }: LookedAt, left: LookedAt[]): void {
  const goesOn = left.find(
    ({ rows, roll: own }) => own === null && rows.some((texts) => hasCountyAndYear(texts, roll!)),
  );
  if (!goesOn) return;
  throw new FileRefused(
    'F02',
    displayName(candidate),
    `goes on in the sheet "${goesOn.sheet.name}", which has no header`,
    `copy the header of "${roll!.sheet.name}" above it, or name the sheets to take with --sheet`,
  );
}

/** True for texts of a row that has county and year where the header says. */
function hasCountyAndYear(texts: string[], { columns, names }: RollSheet): boolean {
  const value = (name: string) =>
    texts[columns[names.findIndex((one) => one.toUpperCase() === name)] ?? -1]?.trim() ?? '';
  return /^[1-7]\d$/.test(value('CO_NO')) && /^(19|20)\d\d$/.test(value('ASMNT_YR'));
}

/** True for a row that may be one of the roll's and no title: it has county and year, or fills a third of the columns. */
export function mayBeRow(texts: string[], roll: RollSheet): boolean {
  const filled = roll.columns.filter((column) => (texts[column] ?? '').trim() !== '').length;
  return hasCountyAndYear(texts, roll) || 3 * filled >= roll.columns.length;
}

function leftOut(left: LookedAt[]): RuleResult[] {
  if (left.length === 0) return [];
  const names = left.map(({ sheet, roll }) => {
    if (sheet.part === null) return `"${sheet.name}" (a chart, dialog or macro sheet)`;
    const why = sheet.hidden ? (roll ? 'hidden, although it has a roll' : 'hidden') : 'no roll';
    return `"${sheet.name}" (${why})`;
  });
  const message = `sheets that were left out: ${names.join(', ')}`;
  return [{ id: 'F15', severity: 'warning', message, rows: 0, samples: [] }];
}
