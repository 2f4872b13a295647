/** What is in the staged columns: how full, how varied, from where to where, and how the values lie. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { confidentialRow } from '../confidential.ts';
import type { Engine, Row } from '../engine.ts';
import type { ColumnProfile, Dataset, Distribution } from '../model.ts';
import { SQL } from '../project.ts';
import { hiddenColumns, redactProfile } from '../redaction.ts';
import { ROLLS } from '../rolls.ts';
import { literal, quoted, verbatim } from '../sqlText.ts';

/** Rows that quantiles, top values and small histograms are taken from, about. */
const SAMPLED_ROWS = 30_000;
/** Columns with no more values in the sample are codes and the like: the sample has them all, but for rare ones. */
const FEW_VALUES = 200;
/** Their values tell nothing about the county. */
const TECHNICAL = ['row_hash', 'sequence_no'];

export interface Profile {
  columns: ColumnProfile[];
  profiledRows: number;
  distributions: Distribution[];
  /** Rows that count for fill and for nothing else, because they are confidential. */
  confidential: number;
}

export interface ProfileInput {
  dataset: Dataset;
  /** A staged Parquet file. */
  path: string;
  scratch: string;
  /** Columns whose values are hidden. */
  redact: string[];
}

/**
 * Profiles a staged Parquet file. Fill is exact over all rows, minimum and maximum over those that are not confidential.
 * Quantiles, histogram, top values and the distinct values of codes come from a sample chosen by key; more than 200
 * distinct values are DuckDB's HyperLogLog estimate over all rows. The distributions are exact. Reads the table `confidential_keys`.
 */
export async function profile(
  engine: Engine,
  { dataset, path, scratch, redact }: ProfileInput,
): Promise<Profile> {
  const file = `read_parquet(${literal(verbatim(path))})`;
  const described = await engine.rows(`describe from ${file}`);
  const columns = described.map((row) => ({
    name: String(row.column_name),
    type: String(row.column_type).toLowerCase(),
  }));
  const flag = await flagHidden(engine, dataset, file, columns);
  const counts = await engine.row(
    `select count(*) as confidential, ${columns.map(({ name, type }, index) => `${filledCount(name, type)} as f${index}`).join(', ')}
     from ${file} where ${flag}`,
  );
  const confidential = Number(counts.confidential);
  const open = confidential > 0 ? ` where not coalesce(${flag}, false)` : '';
  await engine.run(
    `create or replace temp view open_rows as select *, ${ROLLS[dataset].keys.staged[0]} as profile_key from ${file}${open}`,
  );
  const { total } = await engine.row('select count(*) as total from open_rows');
  const details = await sampleColumns(engine, columns, Number(total), scratch);
  const whole = details.rows === Number(total);
  const varied = new Set(
    whole ? [] : [...details.found].filter(([, { distinct }]) => distinct > FEW_VALUES).map(([name]) => name),
  );
  const overall = await scanColumns(engine, columns, varied);
  const hidden = hiddenColumns(dataset, redact);
  const profiles = columns.map(({ name, type }, index): ColumnProfile => {
    const detail = details.found.get(name);
    const filled = Number(overall[`f${index}`]);
    const estimate = overall[`d${index}`];
    return {
      name,
      type,
      filled: filled + Number(counts[`f${index}`]),
      distinct: estimate === undefined ? (detail?.distinct ?? 0) : Math.min(Number(estimate), filled),
      min: text(overall[`a${index}`]),
      max: text(overall[`z${index}`]),
      quantiles: detail?.quantiles ?? null,
      histogram: detail?.histogram ?? null,
      top: detail?.top ?? [],
    };
  });
  return {
    columns: redactProfile(profiles, hidden),
    profiledRows: details.rows,
    distributions: await distributions(
      engine,
      dataset,
      columns.map(({ name }) => name),
      hidden,
    ),
    confidential,
  };
}

/** A condition for rows that are not shown: they say so, or another record says so of their parcel or account. */
async function flagHidden(
  engine: Engine,
  dataset: Dataset,
  file: string,
  columns: Column[],
): Promise<string> {
  const key = ROLLS[dataset].keys.staged[0]!;
  const hidden = confidentialRow(
    dataset,
    columns.map(({ name }) => name),
  );
  await engine.run(
    `create or replace temp table hidden_keys_of_file as select distinct ${key} from ${file} where ${hidden}`,
  );
  return `${key} in (from hidden_keys_of_file)`;
}

interface Column {
  name: string;
  type: string;
}

const isMap = ({ type }: Column) => type.startsWith('map');
const isNumber = ({ name, type }: Column) =>
  /int|decimal|double|float/.test(type) && !isMap({ name, type }) && !TECHNICAL.includes(name);

/** Maps count as filled when they hold an entry. */
const filledCount = (name: string, type: string) =>
  type.startsWith('map')
    ? `count(case when cardinality(${quoted(name)}) > 0 then 1 end)`
    : `count(${quoted(name)})`;

/** One scan over all rows and columns. Estimating distinct values costs as much as all the rest: only of `varied`. */
async function scanColumns(engine: Engine, columns: Column[], varied: Set<string>): Promise<Row> {
  const expressions = columns.flatMap((column, index) => {
    const { name, type } = column;
    const filled = `${filledCount(name, type)} as f${index}`;
    if (isMap(column)) return [filled];
    return [
      filled,
      ...(varied.has(name) ? [`approx_count_distinct(${quoted(name)}) as d${index}`] : []),
      `min(${quoted(name)})::varchar as a${index}`,
      `max(${quoted(name)})::varchar as z${index}`,
    ];
  });
  return engine.row(`select ${expressions.join(', ')} from open_rows`);
}

type Detail = Pick<ColumnProfile, 'distinct' | 'quantiles' | 'histogram' | 'top'>;

/** Quantiles, histogram and top values of every column of the sample. */
async function sampleColumns(
  engine: Engine,
  columns: Column[],
  rows: number,
  scratch: string,
): Promise<{ rows: number; found: Map<string, Detail> }> {
  const sampled = join(scratch, 'profile_sample.parquet');
  await engine.set({ every: Math.max(1, Math.floor(rows / SAMPLED_ROWS)), sampled: verbatim(sampled) });
  const left = [...columns.filter(isMap).map(({ name }) => name), ...TECHNICAL];
  await setList(engine, 'maps', left);
  await setList(
    engine,
    'numbers',
    columns.filter(isNumber).map(({ name }) => name),
  );
  await engine.run(
    `copy (${await engine.read(join(SQL, 'report/sampled.sql'))}) to ${literal(sampled)} (format parquet, compression lz4_raw)`,
  );
  await engine.make('table', join(SQL, 'report/values.sql'));
  const found = await engine.rows(
    `select name, to_json({"distinct": distinct_values, quantiles: quantiles, histogram: histogram, top: top})::varchar as detail
     from (${await engine.read(join(SQL, 'report/details.sql'))})`,
  );
  await engine.run('drop table profile_values');
  const { held } = await engine.row(
    `select count(*) as held from read_parquet(${literal(verbatim(sampled))})`,
  );
  return {
    rows: Number(held),
    found: new Map(found.map((row) => [String(row.name), JSON.parse(String(row.detail)) as Detail])),
  };
}

const setList = async (engine: Engine, name: string, values: string[]) => {
  await engine.set({ [name]: null });
  await engine.run(`set variable ${name} = [${values.map(literal).join(', ')}]::varchar[]`);
};

/** Runs sql/report/distributions/<dataset>/*.sql, in the order of their names. */
async function distributions(
  engine: Engine,
  dataset: Dataset,
  names: string[],
  hidden: Set<string>,
): Promise<Distribution[]> {
  const folder = join(SQL, 'report/distributions', dataset);
  const found: Distribution[] = [];
  for (const name of readdirSync(folder).sort()) {
    const sql = readFileSync(join(folder, name), 'utf8');
    const words = new Set([...sql.matchAll(/[a-z]\w+/g)].map(([word]) => word));
    const columns = names.filter((column) => words.has(column));
    if (columns.some((column) => hidden.has(column))) continue;
    const entry = (key: string) => new RegExp(`^-- ${key}: (.+)$`, 'm').exec(sql)?.[1] ?? null;
    const bins = await engine.rows(sql);
    found.push({
      title: entry('title')!,
      columns,
      kind: entry('kind') as Distribution['kind'],
      unit: entry('unit'),
      bins: bins.map(({ label, low, high, rows }) => ({
        label: text(label),
        low: low === undefined ? null : Number(low),
        high: high === undefined ? null : Number(high),
        rows: Number(rows),
      })),
    });
  }
  return found;
}

const text = (value: unknown) => (value === null || value === undefined ? null : String(value));
