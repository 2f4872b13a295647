/** `dor why`: a staged or published value back to the SQL that made it, the run, the file, the line and the text. */

import { rmSync } from 'node:fs';
import { CONFIDENTIAL, damagedAmong, gatherKeys, tellingFiles } from '../confidential.ts';
import { DorError, EXIT } from '../errors.ts';
import { readRun, readStaged } from '../lake/manifest.ts';
import type { DataPaths } from '../lake/paths.ts';
import { readRecord as readPublication, recordedTargets } from '../lake/published.ts';
import { openScratchToRead } from '../lake/scratch.ts';
import { expressionsOf, loadingOf, otherRowsOf, rollColumnsOf } from '../lineage.ts';
import type { County, Dataset, Partition, RunManifest } from '../model.ts';
import { type Lake, openLake } from '../query/lake.ts';
import { hiddenColumns, REDACTED } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { literal } from '../sqlText.ts';
import { objects, type Places, readRecord } from './sourceText.ts';

export interface WhyRequest {
  /** Parcel, account or sale id. */
  id: string;
  /** A staged column; all filled ones without. */
  column?: string;
  county?: string;
  year?: number;
  roll?: Dataset;
  redact: string[];
}

/** One step of what made a value. */
interface Origin {
  /** `sql/normalize/nal.sql:32`. */
  at: string;
  expression: string;
  /** Other rows that it reads. */
  reads: string[];
}

export interface ValueTrace {
  column: string;
  value: string | null;
  /** Columns of the roll and their text in the file; null when the record could not be read. */
  roll: { name: string; text: string | null }[];
  /** First step first. */
  made: Origin[];
}

export interface RowTrace {
  dataset: Dataset;
  table: string;
  county: string;
  year: number;
  key: Record<string, string>;
  confidential: boolean;
  run: Pick<RunManifest, 'run' | 'status' | 'finishedAt' | 'sqlVersion' | 'engine'>;
  source: { file: string; members: string[]; sha256: string; line: number | null; text: string | null };
  /** Why line or text cannot be shown, else null. */
  gone: string | null;
  /** Targets that hold what is staged, or an older state of it. */
  published: { target: string; run: string; current: boolean }[];
  values: ValueTrace[];
}

/** More sales of a parcel than any real one has. */
const MOST_ROWS = 50;

/**
 * Traces every staged row that has the id. Values of confidential rows and of hidden columns are left out.
 * @throws DorError when there is no such row, or several counties have one.
 */
export async function traceValue(paths: DataPaths, request: WhyRequest): Promise<RowTrace[]> {
  if (request.id.trim() === '')
    throw new DorError('The id is empty', 'name a parcel, account or sale id', EXIT.usage);
  const lake = await openLake(paths.lake);
  const scratch = openScratchToRead(paths.lake, 'why');
  try {
    const rows = await findRows(lake, request);
    if (rows.length === 0) throw await notThere(lake, request);
    refuseSeveralCounties(rows, request);
    const traces: RowTrace[] = [];
    for (const row of rows) traces.push(await traceRow({ lake, paths, scratch }, row, request));
    return traces;
  } finally {
    lake.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface StagedRow {
  dataset: Dataset;
  values: Record<string, string | null>;
}

/** Staged rows of the id, of the newest roll year that has it unless a year was named. */
async function findRows(lake: Lake, { id, county, year, roll, column }: WhyRequest): Promise<StagedRow[]> {
  const slug = county && findCounty(county).slug;
  const found: StagedRow[] = [];
  for (const dataset of DATASETS) {
    const table = ROLLS[dataset].table;
    if ((roll && roll !== dataset) || !lake.tables.includes(table)) continue;
    const names = (await objects(lake, `describe ${table}`)).map((row) => String(row.column_name));
    if (column && !roll && !names.includes(column)) continue;
    const is = ROLLS[dataset].keys.staged.map((name) => `${name} = ${literal(id.trim().toUpperCase())}`);
    const rows = await objects(
      lake,
      `select columns(*)::varchar from ${table} where (${is.join(' or ')})
         ${slug ? `and county = ${literal(slug)}` : ''} ${year ? `and year = ${year}` : ''}
       qualify year = max(year) over (partition by county) limit ${MOST_ROWS}`,
    );
    found.push(...rows.map((row) => ({ dataset, values: row as Record<string, string | null> })));
  }
  return found;
}

function refuseSeveralCounties(rows: StagedRow[], { id }: WhyRequest): void {
  const counties = [...new Set(rows.map(({ values }) => values.county))].sort();
  if (counties.length < 2) return;
  throw new DorError(
    `${id} is in ${counties.length} counties: ${counties.join(', ')}`,
    'name one with --county: ids are only unique inside a county',
    EXIT.usage,
  );
}

/**
 * Not staged: perhaps because it was rejected. Without saying what the record holds. Only a whole value of the record
 * counts: 999 is not the parcel 4940999.
 */
async function notThere(lake: Lake, { id, column }: WhyRequest): Promise<DorError> {
  const rejected = lake.tables.includes('rejected')
    ? await objects(
        lake,
        `select distinct county, dataset, line, rule, message from rejected where list_contains(list_transform(string_split_regex(text, '[",]+'), lambda cell: upper(trim(cell))), ${literal(id.trim().toUpperCase())})
         order by all limit 3`,
      )
    : [];
  if (rejected.length > 0) {
    const [first] = rejected;
    return new DorError(
      `${id} is not staged: line ${first!.line} of the ${String(first!.dataset).toUpperCase()} of ${first!.county} was rejected, ${first!.rule}: ${first!.message}`,
      `look at it with: dor rejects ${first!.county}`,
    );
  }
  const [unread] = DATASETS.map((dataset) => ROLLS[dataset].table).filter((table) => lake.broken.has(table));
  if (unread)
    return new DorError(
      `${id} is in no table that can be read; ${unread} cannot be: ${lake.broken.get(unread)!.split('\n')[0]}`,
      'dor ingest <county> stages the county of that file again',
    );
  const staged = DATASETS.filter((dataset) => lake.tables.includes(ROLLS[dataset].table));
  return new DorError(
    column
      ? `No staged table has a row ${id} with a column ${column}`
      : `No staged row has the parcel, account or sale id ${id}`,
    staged.length > 0
      ? 'ids are written as in the roll, letters and leading zeros included; dor status says what is staged'
      : 'nothing is staged yet: run make ingest COUNTY=…',
    EXIT.usage,
  );
}

async function traceRow(
  places: Places,
  { dataset, values }: StagedRow,
  request: WhyRequest,
): Promise<RowTrace> {
  const { lake, paths } = places;
  const county = findCounty(values.county!);
  const year = Number(values.year);
  const manifest = readStaged(paths.lake, { dataset, county, year });
  if (!manifest)
    throw new DorError(
      `${ROLLS[dataset].table} ${county.slug} ${year} lies in the lake without a manifest that can be read: where its rows come from is not known`,
      `dor ingest ${county.slug} stages it again`,
    );
  // The manifest beside the rows was written before the run had ended.
  const { run, status, finishedAt, sqlVersion, engine } = readRun(paths.lake, manifest.run) ?? manifest;
  const key = Object.fromEntries(ROLLS[dataset].keys.staged.map((name) => [name, values[name]!]));
  const confidential = await isConfidential(lake, paths.lake, county, values);
  const { record, sheet, gone } = await readRecord(places, manifest, key);
  const hidden = hiddenColumns(dataset, [...request.redact, ...manifest.redaction.columns]);
  const show = (name: string, text: string | null): string | null => {
    if (text === null || text === '') return null;
    if (confidential) return CONFIDENTIAL;
    return hidden.has(name.toLowerCase()) ? REDACTED : text;
  };
  const names = request.column
    ? [request.column]
    : Object.keys(values).filter((name) => values[name] !== null);
  return {
    dataset,
    table: ROLLS[dataset].table,
    county: county.slug,
    year,
    key: Object.fromEntries(Object.entries(key).map(([name, value]) => [name, show(name, value)!])),
    confidential,
    run: { run, status, finishedAt, sqlVersion, engine },
    source: {
      file: manifest.source.file,
      members: [...manifest.source.members, ...(sheet ? [sheet] : [])],
      sha256: manifest.source.sha256,
      line: record?.line ?? null,
      text: record && (confidential ? CONFIDENTIAL : hidden.size > 0 ? REDACTED : record.text),
    },
    gone,
    published: publications(paths.lake, { dataset, county, year }, manifest.staged),
    values: names.map((column) => ({
      column,
      value: show(column, values[column] ?? null),
      roll: rollColumnsOf(dataset, column).map((name) => ({
        name,
        text: record ? show(name, record.values[name] ?? null) : null,
      })),
      made: origins(dataset, column),
    })),
  };
}

/** By the row's own flag, or another record of its parcel or account. What cannot be told is not shown. */
async function isConfidential(
  { connection }: Lake,
  lake: string,
  county: County,
  values: Record<string, string | null>,
): Promise<boolean> {
  if (values.is_confidential === 'true') return true;
  const files = tellingFiles(lake, county);
  if ((await damagedAmong(connection, files)).length > 0) return true;
  await gatherKeys(connection, files);
  const id = literal(values.parcel_id ?? values.account_id!);
  const [[told]] = (await connection.runAndReadAll(`select of_confidential(${id})`)).getRows() as [[boolean]];
  return told;
}

/** load → normalize → enrich, as far as the SQL files tell. */
function origins(dataset: Dataset, column: string): Origin[] {
  const made = expressionsOf(dataset, column);
  const loads = made.filter(({ file }) => file.startsWith('normalize/')).length
    ? rollColumnsOf(dataset, column).flatMap((name) => loadingOf(dataset, name) ?? [])
    : [];
  return [...loads.slice(0, 3), ...made].map((one) => ({
    at: `sql/${one.file}:${one.line}`,
    expression: `${one.expression} as ${one.name}`,
    reads: otherRowsOf(one),
  }));
}

/** What the lake knows of each target's state of the partition. */
function publications(
  lake: string,
  partition: Partition,
  staged: RunManifest['staged'],
): RowTrace['published'] {
  return recordedTargets(lake, partition).flatMap((target) => {
    const record = readPublication(lake, target, partition);
    return record ? [{ target, run: record.run, current: record.checksum === staged?.checksum }] : [];
  });
}
