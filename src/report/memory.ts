/** What a report knows besides the runs it shows: earlier runs of the county, other counties, the dead letters. */

import { existsSync } from 'node:fs';
import type { Engine } from '../engine.ts';
import { historyOf } from '../lake/history.ts';
import { deadLettersFile, stoppedLettersFile } from '../lake/paths.ts';
import { isReadable } from '../lake/staged.ts';
import type { RunManifest } from '../model.ts';
import { findCounty } from '../reference.ts';
import { literal, verbatim } from '../sqlText.ts';

/** An earlier run, as the history has it. */
interface PastRun {
  run: string;
  finishedAt: string;
  status: string;
  good: boolean;
  measured: boolean;
  year: number;
  records: number;
  accepted: number;
  rejected: number;
  duplicates: number;
  rowsWithWarning: number;
}

/** What is remembered of one roll of one county, as of one of its runs. */
export interface Memory {
  /** The last good run before: the one whose content was published, if there is one. Null on a first run. */
  before: (PastRun & { published: boolean }) | null;
  /** Measured runs up to the one at hand, oldest first, twelve at most. */
  runs: PastRun[];
  /** Share of the rows that broke a rule in `before`. */
  rules: Map<string, number | null>;
  columns: Map<string, ColumnMemory>;
  /** Null when the file of the dead letters cannot be read: `rejectsPath`. */
  rejects: RejectGroup[] | null;
  rejectsPath: string;
}

export interface ColumnMemory {
  fillBefore: number | null;
  distinctBefore: number | null;
  /** Fill in the measured runs, oldest first. */
  trend: number[];
  /** Median fill in the other counties' last good runs, and how many these are. */
  elsewhere: number | null;
  counties: number;
}

/** Dead letters of a run, by reason and file. */
interface RejectGroup {
  kind: string;
  rule: string;
  message: string;
  file: string;
  rows: number;
  firstLine: number | null;
}

const TREND = 12;

/** Reads what is remembered about a run's roll. */
export async function recall(engine: Engine, lake: string, manifest: RunManifest): Promise<Memory> {
  const { dataset, run } = manifest;
  const runs = await recallRuns(engine, lake, manifest);
  const earlier = runs.filter((one) => one.run < run);
  const good = earlier.filter((one) => one.good && one.measured);
  const published = new Set(runs.filter((one) => one.status === 'published').map((one) => one.checksum));
  const before = good.findLast((one) => published.has(one.checksum)) ?? good.at(-1) ?? null;
  const rules = historyOf(lake, 'rules', dataset);
  const partition = { dataset, year: manifest.year, county: findCounty(manifest.county) };
  const stopped = stoppedLettersFile(lake, partition);
  const rejectsPath =
    manifest.status === 'stopped' && existsSync(stopped) ? stopped : deadLettersFile(lake, partition);
  const found =
    before && rules
      ? await engine.rows(
          `select rule, share from (${rules}) where county = ${literal(manifest.county)} and run = ${literal(before.run)}`,
        )
      : [];
  return {
    before: before && { ...before, published: published.has(before.checksum) },
    runs: runs.filter((one) => one.measured && one.run <= run).slice(-TREND),
    rules: new Map(found.map((row) => [String(row.rule), row.share === null ? null : Number(row.share)])),
    columns: await recallColumns(engine, lake, manifest, before?.run ?? null),
    rejects: await recallRejects(engine, rejectsPath),
    rejectsPath,
  };
}

/** All runs of the roll up to this one, of the same kind (sample or real), oldest first. */
async function recallRuns(engine: Engine, lake: string, { dataset, county, run, source }: RunManifest) {
  const history = historyOf(lake, 'runs', dataset);
  if (!history) return [];
  const rows = await engine.rows(
    `select * from (${history}) where county = ${literal(county)} and sample = ${source.sample} and run <= ${literal(run)} order by run`,
  );
  return rows.map((row) => ({
    run: String(row.run),
    finishedAt: String(row.finished_at),
    status: String(row.status),
    good: row.good === true,
    measured: row.measured === true,
    checksum: row.checksum,
    year: Number(row.year),
    records: Number(row.records),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
    duplicates: Number(row.duplicates),
    rowsWithWarning: Number(row.rows_with_warning),
  }));
}

async function recallColumns(
  engine: Engine,
  lake: string,
  { dataset, county, run }: RunManifest,
  before: string | null,
): Promise<Map<string, ColumnMemory>> {
  const history = historyOf(lake, 'columns', dataset);
  if (!history) return new Map();
  const rows = await engine.rows(
    `with past as (select * from (${history}) where run <= ${literal(run)} or county <> ${literal(county)}),
     others as (
       select column_name, median(fill) as fill, count(*) as counties
       from (select * from past where county <> ${literal(county)} and good
         qualify row_number() over (partition by county, column_name order by run desc) = 1)
       group by all
     )
     select p.column_name as name, to_json(list(p.fill order by p.run))::varchar as trend,
       any_value(p.fill) filter (where p.run = ${literal(before)}) as fill_before,
       any_value(p.distinct_values) filter (where p.run = ${literal(before)}) as distinct_before,
       any_value(o.fill) as elsewhere, coalesce(any_value(o.counties), 0) as counties
     from past p
     left join others o on o.column_name = p.column_name
     where p.county = ${literal(county)}
     group by all`,
  );
  const number = (value: unknown) => (value === null ? null : Number(value));
  return new Map(
    rows.map((row) => [
      String(row.name),
      {
        fillBefore: number(row.fill_before),
        distinctBefore: number(row.distinct_before),
        trend: (JSON.parse(String(row.trend)) as (number | null)[]).map((fill) => fill ?? 0).slice(-TREND),
        elsewhere: number(row.elsewhere),
        counties: Number(row.counties),
      },
    ]),
  );
}

/** The lake keeps the dead letters of the last run of a partition only: those of an older run are gone. */
async function recallRejects(engine: Engine, file: string): Promise<RejectGroup[] | null> {
  if (!existsSync(file)) return [];
  if (!(await isReadable(engine, file))) return null;
  const rows = await engine.rows(
    `select kind, rule, message, concat_ws(' › ', file, member) as file, count(*) as letters, min(line) as first_line
     from read_parquet(${literal(verbatim(file))}) group by all order by letters desc, rule limit 100`,
  );
  return rows.map((row) => ({
    kind: String(row.kind),
    rule: String(row.rule),
    message: String(row.message),
    file: String(row.file),
    rows: Number(row.letters),
    firstLine: row.first_line === null ? null : Number(row.first_line),
  }));
}
