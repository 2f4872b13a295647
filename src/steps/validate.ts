/** validate: every rule of a dataset over the loaded rows. A check selects the bad rows; nothing found means pass. */

import { join } from 'node:path';
import { confidentialRow } from '../confidential.ts';
import type { Engine, Row } from '../engine.ts';
import { FileRefused } from '../errors.ts';
import type { Dataset, Partition, RuleResult, SourceInfo } from '../model.ts';
import { SQL } from '../project.ts';
import { hiddenColumns, redactSamples } from '../redaction.ts';
import { ROLLS } from '../rolls.ts';
import { COUNTED, type Rule, readRules, WITHOUT } from '../rules.ts';
import { literal, verbatim } from '../sqlText.ts';

export interface Validation {
  /** One per rule, in the order of their ids; `rows` 0 where nothing breaks it, null where it could not be run. */
  rules: RuleResult[];
  /** Rows that break a warning rule about single rows. */
  rowsWithWarning: number;
  /** Findings about the file as a whole. */
  fileRules: RuleResult[];
}

const SAMPLE_ROWS = 5;

/** Staged files that rules between datasets look at; null when there is none. */
export interface Neighbours {
  /** Staged sales of the same county and year. */
  salesPath: string | null;
  /** Staged rows of the same partition that this file is about to replace. */
  previousPath: string | null;
}

export interface ValidateInput {
  partition: Partition;
  source: SourceInfo;
  neighbours: Neighbours;
  /** Columns whose values no sample shows. */
  redact: string[];
}

/**
 * Runs all rules over the view named after the dataset. Leaves the tables `rejects(record, rule, message, detail)` and
 * `duplicate_groups(record, key)`: which copy of a key stays is decided by line, later.
 * Samples show no confidential row and no hidden value. Reads the table `confidential_keys`.
 * @throws FileRefused F07 when the file mixes counties, years or submissions.
 */
export async function validate(
  engine: Engine,
  { partition: { dataset, county, year }, source, neighbours, redact }: ValidateInput,
): Promise<Validation> {
  const { fileDate, stage } = source;
  await engine.set({ roll_year: year, county_no: county.no, fips: county.fips, file_date: fileDate, stage });
  await engine.file(join(SQL, 'validate/macros.sql'));
  const fileRules = await refuseMixed(engine, dataset, source.file);
  await engine.file(join(SQL, 'validate/rejects.sql'));

  const rules = readRules(dataset);
  const counts = await countRowRules(engine, dataset, rules);
  const results: [Rule, RuleResult][] = [];
  const given = await variablesGiven(engine, [...rules, ...readRules('cross')]);
  const hidden = hiddenColumns(dataset, redact);
  const views = dataset === 'nal' ? await offerNeighbours(engine, neighbours) : [];
  for (const rule of dataset === 'nal' ? [...rules, ...readRules('cross')] : rules) {
    const runnable = rule.needs === null || views.includes(rule.needs) || given.has(rule.needs);
    results.push([
      rule,
      runnable
        ? await settle(engine, { dataset, hidden }, rule, counts.rows.get(rule.id))
        : { ...outcome(rule, null, []), notRun: WITHOUT[rule.needs!]! },
    ]);
  }
  return { rules: await withTotals(engine, results), rowsWithWarning: counts.withWarning, fileRules };
}

/** The variables that rules need and that are known: a roll year may have no cap, a file no day. */
async function variablesGiven(engine: Engine, rules: Rule[]): Promise<Set<string>> {
  const names = [...new Set(rules.map(({ needs }) => needs).filter((name) => name !== null))];
  const known = await engine.row(
    `select ${names.map((name) => `getvariable(${literal(name)}) is not null as "${name}"`).join(', ')}`,
  );
  return new Set(names.filter((name) => known[name] === true));
}

/** Says of each rule that was run how many rows it looked at: those of its own view, whatever roll it came with. */
async function withTotals(engine: Engine, results: [Rule, RuleResult][]): Promise<RuleResult[]> {
  const totals = new Map<string, number>();
  for (const [{ counts }, { rows }] of results) {
    if (rows === null || totals.has(counts)) continue;
    totals.set(counts, Number((await engine.row(`select count(*) as n from ${counts}`)).n));
  }
  return results.map(([{ counts }, result]) =>
    result.rows === null ? result : { ...result, of: { what: COUNTED[counts]!, rows: totals.get(counts)! } },
  );
}

/** Counts all rules about single rows in one scan: the file has up to 1.2 million rows of 165 columns. */
async function countRowRules(engine: Engine, dataset: Dataset, rules: Rule[]) {
  const rowRules = rules.filter((rule) => rule.condition);
  const flags = rowRules.map((rule) => `coalesce((${rule.condition}), false) as "${rule.id}"`);
  const warnings = rowRules.filter((rule) => rule.severity === 'warning').map((rule) => `"${rule.id}"`);
  const counts = rowRules.map((rule) => `count_if("${rule.id}") as "${rule.id}"`);
  const found = await engine.row(
    `with flagged as (select ${flags.join(',\n')} from ${dataset})
     select ${counts.join(', ')}, count_if(${warnings.join(' or ')}) as with_warning from flagged`,
  );
  return {
    rows: new Map(rowRules.map((rule) => [rule.id, Number(found[rule.id])])),
    withWarning: Number(found.with_warning),
  };
}

/** Runs what is left to do for one rule: the query of a rule about several rows, samples, rejects. */
async function settle(
  engine: Engine,
  { dataset, hidden }: { dataset: Dataset; hidden: Set<string> },
  rule: Rule,
  counted: number | undefined,
): Promise<RuleResult> {
  if (counted === 0) return outcome(rule, 0, []);
  await engine.run(`create or replace temp view broken as ${rule.query}`);
  const duplicates = rule.id === ROLLS[dataset].duplicateRule;
  if (duplicates) await engine.run('insert into duplicate_groups select record, key from broken');
  const rows = counted ?? (await countBroken(engine, duplicates));
  if (rows === 0) return outcome(rule, 0, []);
  if (rule.severity === 'error' && !duplicates) await reject(engine, rule);
  return outcome(rule, rows, redactSamples(await sample(engine, dataset, rule), hidden));
}

/** Of a duplicated key all rows but one are too many. */
async function countBroken(engine: Engine, duplicates: boolean): Promise<number> {
  const { rows } = await engine.row(
    duplicates
      ? 'select count(*) - count(distinct key) as rows from duplicate_groups'
      : 'select count(*) as rows from broken',
  );
  return Number(rows);
}

async function reject(engine: Engine, rule: Rule): Promise<void> {
  // What could not be read is named behind the values.
  const values = rule.columns.filter((name) => name !== 'uncast');
  const shown = values.map((name) => `'${name}=' || coalesce(${name}::varchar, '')`).join(', ');
  await engine.run(
    `insert into rejects select record, ${literal(rule.id)}, ${literal(rule.message)},
       concat_ws(' ', ${shown || 'null'}, 'no number: ' || uncast) from broken`,
  );
}

/** A few of the rows in `broken`; `confidential` says which of them must not be shown. */
async function sample(engine: Engine, dataset: Dataset, rule: Rule): Promise<Row[]> {
  const known = new Set((await engine.rows('describe broken')).map((row) => String(row.column_name)));
  const keys = ROLLS[dataset].keys.loaded.filter((name) => known.has(name));
  const names = [...new Set([...keys, ...rule.columns])].filter((name) => known.has(name));
  return engine.rows(
    `select ${names.map((name) => `${name}::varchar as ${name}`).join(', ')}, ${confidentialRow(dataset, known)} as confidential
     from (from broken order by ${names.map((name) => `${name}::varchar`).join(', ')} limit ${SAMPLE_ROWS}) b order by all`,
  );
}

/** Makes the staged neighbours visible under the names that the rules use. Returns the names. */
async function offerNeighbours(engine: Engine, { salesPath, previousPath }: Neighbours): Promise<string[]> {
  const views: string[] = [];
  if (salesPath) {
    await engine.set({ sales: verbatim(salesPath) });
    await engine.make('view', join(SQL, 'validate/sdf_from_lake.sql'));
    views.push('sdf');
  }
  if (previousPath) {
    await engine.run(
      `create or replace temp view previous_nal as select parcel_id from read_parquet(${literal(verbatim(previousPath))})`,
    );
    views.push('previous_nal');
  }
  return views;
}

/** Share of a file's rows that may be of another county, roll year or submission. */
const MOST_STRAYS = 0.01;

/**
 * F07. A few strays are data: those of another county or year are rejected one by one by the
 * rules on CO_NO and ASMNT_YR, those of another submission are staged and named in the finding that is returned.
 * @throws FileRefused when there are more: the file is a mix that nobody meant.
 */
async function refuseMixed(engine: Engine, dataset: Dataset, file: string): Promise<RuleResult[]> {
  const id = ROLLS[dataset].submission;
  await engine.run(
    `create or replace temp table submissions as
     select co_no, asmnt_yr, ${id} as submission, count(*) as found from ${dataset} group by all`,
  );
  const shown = await engine.rows('from submissions order by found desc limit 4');
  const [first] = shown;
  if (!first) return [];
  const { rows, others, ids } = await engine.row(
    `select sum(found)::bigint as rows, rows - max(found) as others,
       coalesce(sum(found) filter (where submission is distinct from ${first.submission === null ? 'null' : literal(String(first.submission))}), 0)::bigint as ids
     from submissions`,
  );
  const named = `(CO_NO ASMNT_YR ${id}: rows): ${shown
    .map(
      (row) => `${row.co_no ?? 'none'} ${row.asmnt_yr ?? 'none'} ${row.submission ?? 'none'}: ${row.found}`,
    )
    .join(', ')}`;
  if (Number(others) > MOST_STRAYS * Number(rows))
    throw new FileRefused(
      'F07',
      file,
      `mixes counties, roll years or submissions ${named}`,
      'split it, or download the county file again',
    );
  if (Number(ids) === 0) return [];
  const message = `${ids} of ${rows} rows are of another submission than the others ${named}`;
  return [{ id: 'F07', severity: 'warning', message, rows: Number(ids), samples: [] }];
}

function outcome(
  { id, severity, message }: Rule,
  rows: number | null,
  samples: RuleResult['samples'],
): RuleResult {
  return { id, severity, message, rows, samples };
}
