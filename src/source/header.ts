/** A header: whose it is, and its names as the reference spells them. */

import { FileRefused } from '../errors.ts';
import type { Dataset, RuleResult } from '../model.ts';
import { fields, isInRoll } from '../reference.ts';
import { DATASETS } from '../rolls.ts';
import { type Candidate, displayName, innerName } from './candidate.ts';
import { listNames, refuseTooManyExtra } from './extraColumns.ts';

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

/**
 * A header's names as the reference spells them: trimmed, upper-case, the guide's own spellings mapped. A column without
 * a name (a comma at the end of the line) is called by its place, so that nothing in it is lost.
 */
export const canonicalColumns = (dataset: Dataset, header: string[]): string[] =>
  header
    .map((name) => name.trim().toUpperCase())
    .map((name, index) => ALIASES[dataset][name] ?? (name || `COLUMN ${index + 1}`));

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

/** What a header says of its file. */
export interface Header {
  dataset: Dataset;
  /** Canonical column names in file order: trimmed, upper-case, the guide's spellings mapped to the files'. */
  columns: string[];
  /** Those of `columns` that fields.csv does not know. */
  extra: string[];
  /** F03. */
  warnings: RuleResult[];
}

/** @throws FileRefused F02 when it is no roll's or has a column twice. */
export function readHeader(candidate: Candidate, header: string[]): Header {
  const label = displayName(candidate);
  const names = header.map((name) => name.trim().toUpperCase());
  const dataset = recognise(candidate, names);
  const columns = canonicalColumns(dataset, header);
  const known = fields(dataset).map((field) => field.name);
  refuseTwice(label, columns, names);
  const extra = columns.filter((name) => !known.includes(name));
  refuseTooManyExtra(candidate, extra.length);
  return { dataset, columns, extra, warnings: headerWarnings(columns, known, extra) };
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

/** NAV files have no header: their first line is data, a county number and a parcel. */
const isNav = (names: string[]) => names.length < 12 && /^\d{2}$/.test(names[0] ?? '') && names.length > 2;

/** @throws FileRefused F02 when a column is missing that rolls of its year have (NaN: unknown, so all). */
export function refuseMissing(
  label: string,
  { dataset, columns, extra: strange }: Header,
  year: number,
): void {
  const needed = fields(dataset).filter((field) => isInRoll(field, year));
  const missing = needed.map(({ name }) => name).filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
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

function refuseTwice(label: string, columns: string[], names: string[]): void {
  const seen = new Set<string>();
  const twice = new Set(columns.filter((name) => seen.has(name) || !seen.add(name)));
  if (twice.size === 0) return;
  const listed = [...twice].slice(0, 3).join(', ');
  const more = twice.size > 3 ? ` and ${twice.size - 3} others` : '';
  const remedy = `its header is: ${names.slice(0, 6).join(',')}…; remove one of them`;
  throw new FileRefused('F02', label, `has the column ${listed}${more} twice`, remedy);
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
