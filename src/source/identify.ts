/** What file is this? By header and content; the name is only a second opinion. */

import { splitLine } from '../csvLine.ts';
import { FileRefused } from '../errors.ts';
import { DATASETS, type Dataset, type RuleResult } from '../model.ts';
import { countyByNumber, fields, isInRoll } from '../reference.ts';
import { readBytes } from './bytes.ts';
import { type Candidate, displayName, innerName } from './candidate.ts';
import { createDecoder, detectEncoding } from './encoding.ts';
import { listNames, refuseTooManyExtra } from './extraColumns.ts';
import { RecordScanner } from './records.ts';
import type { RollSheet } from './rollSheets.ts';

export interface Identity {
  dataset: Dataset;
  countyNo: number;
  year: number;
  /** Canonical column names in file order: trimmed, upper-case, the guide's spellings mapped to the files'. */
  columns: string[];
  /** Those of `columns` that fields.csv does not know. */
  extra: string[];
  /** RS_ID or TS_ID of the first row. */
  submissionId: string | null;
  name: NameParts;
  /** Sheets of a workbook that hold the roll, in the order in which they are stacked; empty for other files. */
  sheets: RollSheet[];
  /** F03, F08 and F15. */
  warnings: RuleResult[];
}

/** What the file name claims (naming.md); null where it says nothing. */
interface NameParts {
  dataset: Dataset | null;
  countyNo: number | null;
  stage: string | null;
  year: number | null;
  submission: string | null;
}

/** The guide prints some columns otherwise than the files do. */
const ALIASES: Record<Dataset, Record<string, string>> = {
  nal: {
    'JV_RESD-NON_RESD': 'JV_RESD_NON_RESD',
    'AV_RESD-NON_RESD': 'AV_RESD_NON_RESD',
    'AV_ WRKNG_WTRFNT': 'AV_WRKNG_WTRFNT',
    R_PAGE2: 'OR_PAGE2',
    'EXMPT 43': 'EXMPT_43',
    'EXMPT 44': 'EXMPT_44',
    'EXMPT 45': 'EXMPT_45',
    'EXMPT 46': 'EXMPT_46',
  },
  sdf: { SAL_CHNG_CD: 'SAL_CHG_CD', STATE_PAR_ID: 'STATE_PARCEL_ID' },
  nap: { 'FILE _T': 'FILE_T', OWN_NAME: 'OWN_NAM', FIDU_ZIP_CD: 'FIDU_ZIPCD', PHY_ZIP: 'PHY_ZIPCD' },
};

const HEADER_BYTES = 256 * 1024;

/** Reads the head of a text candidate. @throws FileRefused when it is no roll, or not one that can be read. */
export async function identify(candidate: Candidate, scratch: string): Promise<Identity> {
  const [header, ...rows] = await readHead(candidate, scratch);
  return identifyRows(candidate, header ?? [], rows);
}

/** The same from a header and the first rows, for files that are no text. */
export function identifyRows(candidate: Candidate, header: string[], rows: string[][]): Identity {
  const label = displayName(candidate);
  const names = header.map((name) => name.trim().toUpperCase());
  const dataset = recognise(candidate, names);
  const columns = canonicalColumns(dataset, header);
  const value = (name: string, row = rows[0] ?? []) => row[columns.indexOf(name)]?.trim() ?? '';
  const [countyNo, year] = mostCommon(rows.map((row) => [value('CO_NO', row), value('ASMNT_YR', row)]));
  const isYear = /^(19|20)\d\d$/.test(year!);
  const all = fields(dataset);
  const known = all.map((field) => field.name);
  const needed = all.filter((field) => isInRoll(field, isYear ? Number(year) : Number.NaN));
  checkColumns(label, dataset, { columns, known, needed: needed.map((field) => field.name) }, names);
  const extra = columns.filter((name) => !known.includes(name));
  refuseTooManyExtra(candidate, extra.length);

  if (rows.length === 0)
    throw new FileRefused('F09', label, 'has a header and no rows', 'download the file again');
  if (!countyByNumber(Number(countyNo))) {
    const what = `CO_NO is "${countyNo}", and DOR's counties are 11 to 77`;
    throw new FileRefused('F07', label, what, 'this is no county roll, or its columns are shifted');
  }
  if (!isYear) {
    throw new FileRefused('F07', label, `ASMNT_YR is "${year}" and no year`, 'the columns may be shifted');
  }
  const name = nameParts(candidate);
  const identity = { dataset, countyNo: Number(countyNo), year: Number(year), columns, extra, name };
  return {
    ...identity,
    sheets: [],
    submissionId: value(dataset === 'nap' ? 'TS_ID' : 'RS_ID') || null,
    warnings: [...headerWarnings(columns, known, extra), ...nameWarnings(identity)],
  };
}

/**
 * A header's names as the reference spells them: trimmed, upper-case, the guide's own spellings mapped. A column without
 * a name (a comma at the end of the line) is called by its place, so that nothing in it is lost.
 */
export const canonicalColumns = (dataset: Dataset, header: string[]): string[] =>
  header
    .map((name) => name.trim().toUpperCase())
    .map((name, index) => ALIASES[dataset][name] ?? (name || `COLUMN ${index + 1}`));

/** What a file name says, by the tolerant pattern of naming.md. */
function nameParts(candidate: Pick<Candidate, 'path' | 'members'>): NameParts {
  const name = innerName(candidate);
  const found = /^(NAL|SDF|NAP)[A-Z]*?(\d{2})([A-Z])(\d{4})(\d{2})(VAB)?\b/i.exec(
    name.replaceAll(/[ _]/g, ''),
  );
  if (!found) return { dataset: null, countyNo: null, stage: null, year: null, submission: null };
  const [, dataset, county, stage, year, submission, board] = found;
  return {
    dataset: dataset!.toLowerCase() as Dataset,
    countyNo: Number(county),
    stage: stage!.toUpperCase(),
    year: Number(year),
    submission: submission! + (board ? 'VAB' : ''),
  };
}

/** The dataset whose columns these are. */
function recognise(candidate: Candidate, names: string[]): Dataset {
  const label = displayName(candidate);
  if (/^NAV[DN]\d*/i.test(innerName(candidate)) || isNav(names)) {
    const what = 'is a NAV file: non-ad valorem assessments, another product without a header';
    throw new FileRefused('F02', label, what, 'take NAL, SDF or NAP files; NAP is not NAV');
  }
  const dataset = datasetOf(names);
  if (dataset) return dataset;
  const start = names.slice(0, 4).join(', ').slice(0, 80);
  throw new FileRefused(
    'F02',
    label,
    `is no NAL, SDF or NAP: its first line begins with ${start || 'nothing'}`,
    'a roll begins with the header CO_NO,…; see data/reference/fields.csv',
  );
}

/** The dataset that has most of these columns; null when none has half of its own among them. */
export function datasetOf(header: string[]): Dataset | null {
  const names = header.map((name) => name.trim().toUpperCase());
  const [best] = DATASETS.map((dataset) => {
    const known = fields(dataset).map((field) => field.name);
    const canonical = names.map((name) => ALIASES[dataset][name] ?? name);
    const hits = known.filter((name) => canonical.includes(name)).length;
    return { dataset, share: hits / known.length };
  }).sort((a, b) => b.share - a.share);
  return best!.share >= 0.5 ? best!.dataset : null;
}

/** NAV files have no header: their first line is data, a county number and a parcel. */
const isNav = (names: string[]) => names.length < 12 && /^\d{2}$/.test(names[0] ?? '') && names.length > 2;

/** @throws FileRefused F02 when a column is missing that rolls of its year have, or one is there twice. */
function checkColumns(
  label: string,
  dataset: Dataset,
  { columns, known, needed }: { columns: string[]; known: string[]; needed: string[] },
  names: string[],
): void {
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    const strange = columns.filter((name) => !known.includes(name));
    const renamed = missing
      .map((name) => [name, strange.find((other) => alike(name, other))] as const)
      .filter(([, other]) => other)
      .map(([name, other]) => `${other} may be ${name} renamed`);
    const guess = renamed.length > 0 ? ` (${renamed.join('; ')})` : '';
    const what = `is a ${dataset.toUpperCase()} without the column ${missing.join(', ')}${guess}`;
    throw new FileRefused(
      'F02',
      label,
      what,
      'ask for the file again, or give its header the names of fields.csv',
    );
  }
  const seen = new Set<string>();
  const twice = new Set(columns.filter((name) => seen.has(name) || !seen.add(name)));
  if (twice.size > 0) {
    const listed = [...twice].slice(0, 3).join(', ');
    const more = twice.size > 3 ? ` and ${twice.size - 3} others` : '';
    const what = `has the column ${listed}${more} twice`;
    throw new FileRefused(
      'F02',
      label,
      what,
      `its header is: ${names.slice(0, 6).join(',')}…; remove one of them`,
    );
  }
}

/** Same letters apart from separators, or one inside the other. */
function alike(a: string, b: string): boolean {
  const [x, y] = [a, b].map((name) => name.replaceAll(/[^A-Z0-9]/g, ''));
  return x === y || (Math.min(x!.length, y!.length) > 3 && (x!.includes(y!) || y!.includes(x!)));
}

function headerWarnings(columns: string[], known: string[], extra: string[]): RuleResult[] {
  const inOrder = known.filter((name) => columns.includes(name));
  const moved = columns.filter((name) => known.includes(name)).some((name, index) => name !== inOrder[index]);
  const found = [
    extra.length > 0 ? `${extra.length} extra column(s), kept as text in "extra": ${listNames(extra)}` : '',
    moved ? 'columns stand in another order; they are read by name' : '',
  ].filter(Boolean);
  return found.map((message) => ({ id: 'F03', severity: 'warning', message, rows: 0, samples: [] }));
}

function nameWarnings({
  name,
  dataset,
  countyNo,
  year,
}: Omit<Identity, 'submissionId' | 'sheets' | 'warnings'>): RuleResult[] {
  const found = [
    name.dataset !== null && name.dataset !== dataset
      ? `the file name says ${name.dataset.toUpperCase()}, the header is a ${dataset.toUpperCase()}'s; it is read as that`
      : '',
    name.countyNo !== null && name.countyNo !== countyNo
      ? `the file name says county ${name.countyNo}, the rows say ${countyNo}; the rows count`
      : '',
    name.year !== null && name.year !== year
      ? `the file name says ${name.year}, the rows say ${year}; the rows count`
      : '',
  ].filter(Boolean);
  return found.map((message) => ({ id: 'F08', severity: 'warning', message, rows: 0, samples: [] }));
}

function mostCommon(pairs: string[][]): string[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.join('\0'), (counts.get(pair.join('\0')) ?? 0) + 1);
  return ([...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '\0').split('\0');
}

/** Header and first records as text. */
async function readHead(candidate: Candidate, scratch: string): Promise<string[][]> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes(candidate, scratch)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= HEADER_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  const text = decodeHead(head.subarray(0, HEADER_BYTES));
  const label = displayName(candidate);
  if (text.includes('\0')) {
    const what = 'holds NUL bytes: it is no text file, or was damaged on the way';
    throw new FileRefused('F06', label, what, 'download the file again');
  }
  checkLineEnds(text, head.length >= HEADER_BYTES, label);
  const lines = text.split(/\r?\n/);
  // The last line is usually cut by the end of what was read.
  const complete = head.length >= HEADER_BYTES ? lines.slice(0, -1) : lines;
  const [header = '', ...rows] = complete.filter((line) => line !== '');
  const names = splitLine(header);
  checkHeaderLine(header, names.length, label);
  return [names, ...rows.map(splitLine)];
}

/** @throws FileRefused F02 when there is no line feed where every roll has one. */
function checkLineEnds(text: string, long: boolean, label: string): void {
  if (text.includes('\n')) return;
  if (text.includes('\r')) {
    const what = 'ends its lines with a carriage return alone, as old Macintosh programs do';
    throw new FileRefused('F02', label, what, 'save it again as CSV with Windows or Unix line ends');
  }
  if (!long) return;
  const what = `has no line end in its first ${HEADER_BYTES >> 10} KB, ${text.split(',').length} values: no roll has so many columns`;
  throw new FileRefused('F02', label, what, 'its line ends may be lost; download the file again');
}

/**
 * The header must be a record as the rows' scanner sees it: were it none, the first row would be taken for it and lost.
 * @throws FileRefused F02.
 */
function checkHeaderLine(header: string, fields: number, label: string): void {
  let fault: string | null = null;
  const scanner = new RecordScanner({ good() {}, bad: (...[, , , , why]) => (fault ??= why) }, { fields });
  scanner.push(Buffer.from(`${header}\n`));
  scanner.end();
  if (fault === null) return;
  const what = `has a malformed header line: ${fault} (${header.slice(0, 60).replaceAll('\r', '\\r')}…)`;
  throw new FileRefused('F02', label, what, 'write the names with commas alone between them');
}

const decodeHead = (head: Buffer): string => createDecoder(detectEncoding(head)).push(head).toString();
