/** Generated rolls: realistic, seeded, consistent with each other, with defects on purpose where they are wanted. */

import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { Engine } from './engine.ts';
import { DorError, EXIT } from './errors.ts';
import type { County, Dataset } from './model.ts';
import { SQL } from './project.ts';
import { type Field, fields, findCounty, isInRoll, isWrittenAsNumber } from './reference.ts';
import { DATASETS } from './rolls.ts';
import { literal, quoted } from './sqlText.ts';

export const DEFECTS = [
  'duplicate_key',
  'missing_key',
  'wrong_field_count',
  'stray_quote',
  'bad_number',
  'negative_value',
  'bad_use_code',
  'month_zero',
  'wrong_county',
  'wrong_year',
  'assessed_above_just',
  'over_width',
  'control_character',
] as const;
export type Defect = (typeof DEFECTS)[number];

export interface SampleOptions {
  /** Folder for the files. */
  out: string;
  county: County;
  /** Roll year. */
  year: number;
  /** Parcels; accounts are an eighth of them unless given. */
  rows: number;
  accounts?: number;
  seed: number;
  datasets?: readonly Dataset[];
  format: 'csv' | 'zip';
  /** Share of rows, 0 to 1, that get a defect. A defect that a roll cannot have is left out there. */
  defects?: Partial<Record<Defect, number>>;
  /** A real sales roll whose parcels are the first ones. */
  realSales?: string;
  stage?: 'P' | 'F';
}

export interface SampleFile {
  dataset: Dataset;
  path: string;
  /** Lines after the header. */
  rows: number;
  bytes: number;
  seconds: number;
  /** Rows with each defect. */
  defects: Record<string, number>;
}

/** What a defect puts into a column, by roll. Columns that the roll lacks are skipped. */
const REPLACEMENTS: Partial<Record<Defect, Partial<Record<Dataset, Record<string, string>>>>> = {
  missing_key: { nal: { PARCEL_ID: 'null' }, sdf: { SALE_ID_CD: 'null' }, nap: { ACCT_ID: 'null' } },
  bad_number: { nal: { JV: "'12.7'" }, sdf: { SALE_PRC: "'1e5'" }, nap: { JV_TOTAL: "'n/a'" } },
  negative_value: { nal: { LND_VAL: "'-5'" }, sdf: { SALE_PRC: "'-100'" }, nap: { JV_F_F_E: "'-1'" } },
  bad_use_code: { nal: { DOR_UC: "'1'" }, sdf: { DOR_UC: "'SFR'" } },
  month_zero: { nal: { SALE_MO1: "'00'" }, sdf: { SALE_MO: "'00'" } },
  wrong_county: { nal: { CO_NO: "'99'" }, sdf: { CO_NO: "'99'" }, nap: { CO_NO: "'99'" } },
  wrong_year: { nal: { ASMNT_YR: "'1999'" }, sdf: { ASMNT_YR: "'1999'" }, nap: { ASMNT_YR: "'1999'" } },
  assessed_above_just: {
    nal: { AV_SD: '(JV + 1000)::varchar' },
    nap: { AV_TOTAL: '(JV_TOTAL + 1000)::varchar' },
  },
  over_width: {
    nal: { OWN_NAME: "repeat('X', 60)" },
    sdf: { CLERK_NO: "repeat('9', 25)" },
    nap: { OWN_NAM: "repeat('X', 60)" },
  },
  control_character: {
    nal: { OWN_NAME: "'TAB' || chr(9) || 'BED'" },
    nap: { OWN_NAM: "'TAB' || chr(9) || 'BED'" },
  },
};

/** Real files quote text and leave numbers bare; these are the exceptions. */
const BARE = new Set(['MULTI_PAR_SAL', 'TS_ID']);

/** Writes the rolls of one county and says what is in them. The same options give the same bytes. */
export async function generateSample(options: SampleOptions): Promise<SampleFile[]> {
  mkdirSync(options.out, { recursive: true });
  // One thread: rows come in their order, the same bytes every time, and the writer is the bottleneck anyway.
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 1024, tempDirectory: options.out });
  try {
    await prepareParcels(engine, options);
    const files: SampleFile[] = [];
    const wanted = options.datasets ?? DATASETS;
    for (const dataset of DATASETS.filter((one) => wanted.includes(one))) {
      files.push(await writeRoll(engine, dataset, options));
    }
    return files;
  } finally {
    engine.close();
  }
}

/** The sample that is committed in data/sample: two counties, a zip and a CSV of each roll, some rows broken. */
export async function writeCommittedSample(folder: string): Promise<SampleFile[]> {
  const common = { out: folder, year: 2025, seed: 2025 };
  const defects = {
    duplicate_key: 0.0008,
    bad_number: 0.0008,
    wrong_field_count: 0.0008,
    assessed_above_just: 0.003,
  };
  const broward = { ...common, county: findCounty('broward'), rows: 2500, format: 'zip' as const, defects };
  const liberty = { ...common, county: findCounty('liberty'), rows: 800, format: 'csv' as const };
  return [...(await generateSample(broward)), ...(await generateSample(liberty))];
}

async function prepareParcels(engine: Engine, options: SampleOptions): Promise<void> {
  const { county, year, rows, seed, realSales } = options;
  await engine.run('set preserve_insertion_order = true');
  await engine.set({ county_no: county.no, fips: county.fips, year, rows, seed });
  await engine.set({ accounts: options.accounts ?? Math.ceil(rows / 8), real_sales: realSales ?? null });
  const make = (kind: 'view' | 'table', name: string) =>
    engine.make(kind, join(SQL, 'sample', `${name}.sql`));
  await engine.file(join(SQL, 'sample/macros.sql'));
  await make('table', realSales ? 'real' : 'no_real');
  await make('table', 'parcels');
  await make('view', 'nal');
}

async function writeRoll(engine: Engine, dataset: Dataset, options: SampleOptions): Promise<SampleFile> {
  const { out, county, year, format } = options;
  const stage = options.stage ?? 'P';
  const started = performance.now();
  const columns = fields(dataset).filter((field) => isInRoll(field, year));
  const defects = Object.entries(options.defects ?? {}).filter(([name]) => applies(name as Defect, dataset));
  const select = await engine.read(join(SQL, 'sample', `${dataset}.sql`));
  await engine.run(
    `create or replace temp view marked as select *, ${defectOf(defects, options.seed)} as defect from (${select})`,
  );
  const name = `${dataset.toUpperCase()}${county.no}${stage}${year}01.csv`;
  const path = join(out, name);
  // The engine has no CRLF of its own: each line is one text that ends with the carriage return.
  const present = new Set((await engine.rows('describe marked')).map((row) => String(row.column_name)));
  const header = columns.map((field) => field.name).join(',');
  const lines = `select ${literal(`${header}\r`)} as line union all select unnest(${lineOf(columns, present, dataset)}) from marked`;
  await engine.run(
    `copy (${lines}) to ${literal(`${path}.part`)} (format csv, header false, quote '', escape '', delimiter '\u0001')`,
  );
  renameSync(`${path}.part`, path);
  const bytes = statSync(path).size;
  const counts = await engine.rows(
    'select defect, count(*) as n from marked where defect is not null group by 1 order by 1',
  );
  const { n } = await engine.row(
    `select count(*) + count(*) filter (defect = 'duplicate_key') as n from marked`,
  );
  const file = {
    dataset,
    path: format === 'zip' ? await zipRoll(path, dataset, options) : path,
    rows: Number(n),
    bytes,
    seconds: (performance.now() - started) / 1000,
    defects: Object.fromEntries(counts.map((row) => [String(row.defect), Number(row.n)])),
  };
  return file;
}

/** Reads `name=share` pairs of the command line. @throws DorError on a name that does not exist. */
export function parseDefects(pairs: string[]): Partial<Record<Defect, number>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, share] = pair.split('=');
      if (DEFECTS.includes(name as Defect) && Number(share) >= 0 && Number(share) <= 1)
        return [name, Number(share)];
      throw new DorError(
        `"${pair}" is no defect`,
        `write name=share, with one of: ${DEFECTS.join(', ')}`,
        EXIT.usage,
      );
    }),
  );
}

const applies = (defect: Defect, dataset: Dataset) =>
  ['duplicate_key', 'wrong_field_count', 'stray_quote'].includes(defect) ||
  REPLACEMENTS[defect]?.[dataset] !== undefined;

/** The defect of row i, or NULL: the draws of a row fall into the share of at most one. */
function defectOf(defects: [string, number][], seed: number): string {
  let from = 0;
  const cases = defects.map(([name, share]) => {
    const cut = Math.round(from * 1e6);
    from += share;
    return `when fate >= ${cut} and fate < ${Math.round(from * 1e6)} then ${literal(name)}`;
  });
  if (cases.length === 0) return 'null::varchar';
  const fate = `hash(${seed}, i, 'defect') % 1000000`;
  return `(case ${cases.join(' ').replaceAll('fate', `(${fate})`)} end)`;
}

/** SQL of the lines that a row becomes: one, or two for a duplicate. */
function lineOf(columns: Field[], present: Set<string>, dataset: Dataset): string {
  const cells = columns.map((field) => cellOf(field, present, dataset)).join(`, ',', `);
  const line = `concat(${cells}, case defect when 'wrong_field_count' then ',SURPLUS' when 'stray_quote' then 'A"B' else '' end, chr(13))`;
  return `case when defect = 'duplicate_key' then [${line}, ${line}] else [${line}] end`;
}

function cellOf(field: Field, present: Set<string>, dataset: Dataset): string {
  const { name } = field;
  const value = present.has(name) ? `${quoted(name)}::varchar` : null;
  const replaced = Object.entries(REPLACEMENTS)
    .map(([defect, byRoll]) => [defect, byRoll[dataset]?.[name]] as const)
    .filter(([, replacement]) => replacement)
    .map(([defect, replacement]) => `when ${literal(defect)} then ${replacement}`);
  if (value === null && replaced.length === 0) return "''";
  const final =
    replaced.length > 0 ? `case defect ${replaced.join(' ')} else ${value ?? 'null'} end` : value!;
  const bare = isWrittenAsNumber(field) || BARE.has(name);
  // NAP writes its year as text.
  return bare && !(dataset === 'nap' && name === 'ASMNT_YR') ? final : `'"' || ${final} || '"'`;
}

/** Zip names of the portal; the member's date is fixed so that the bytes are always the same. */
async function zipRoll(
  path: string,
  dataset: Dataset,
  { out, county, year, stage }: SampleOptions,
): Promise<string> {
  const kind = dataset === 'nap' ? 'TPP' : dataset.toUpperCase();
  const name = `${county.name} ${county.no} ${stage === 'F' ? 'Final' : 'Preliminary'} ${kind} ${year}.zip`;
  const zip = new ZipFile();
  const options = { mtime: new Date(Date.UTC(year, 5, 27)), forceDosTimestamp: true, mode: 0o100644 };
  zip.addReadStreamLazy(path.split('/').at(-1)!, options, (done) => done(null, createReadStream(path)));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(out, name)));
  rmSync(path);
  return join(out, name);
}
