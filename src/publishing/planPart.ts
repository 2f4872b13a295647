/** plan: what it takes to make the target hold a content: counts, guards, and the change set as files. */

import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DorError } from '../errors.ts';
import { MEDIANS } from '../lake/paths.ts';
import { type GuardVerdict, hasWork, type PlanPart } from '../lake/plans.ts';
import type { Snapshot } from '../lake/snapshots.ts';
import type { Changes, Partition } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { streamRows } from '../target/rowStream.ts';
import { inSchema } from '../target/target.ts';
import { writeChangeSet } from './changeSet.ts';
import { duckType, readTyped, type TableColumn, tableColumns } from './content.ts';
import type { Publishing } from './currentState.ts';
import { type Comparison, diff } from './diff.ts';
import { CASCADES, type GuardName, judgeChanges } from './guards.ts';
import { foreseeLosses } from './merge.ts';
import { verifyContent, verifyFiles } from './verifyContent.ts';
import { publishedOf } from './withdrawSample.ts';

/**
 * Compares a wanted content with what the target holds and writes the change set to `<folder>/<table>-<year>/`.
 * Nothing is written to the target.
 */
export async function planPart(
  publishing: Publishing,
  comparison: Comparison,
  allow: ReadonlySet<GuardName>,
): Promise<PlanPart> {
  const { engine } = publishing;
  const { partition, current, wanted, folder } = comparison;
  await refuseSample(publishing, partition, wanted);
  verifyFiles(partition, wanted);
  const changes = await diff(engine, partition.dataset, current, wanted.path);
  const set = await writeChangeSet(publishing, comparison, changes);
  const part: PlanPart = {
    dataset: partition.dataset,
    table: ROLLS[partition.dataset].table,
    county: partition.county.slug,
    year: partition.year,
    from: current.publication,
    to: wanted.revision,
    currentFrom: current.kind,
    readBack: current.readBack,
    changes,
    mediansDiffer: await mediansDiffer(publishing, partition, wanted.mediansPath),
    ...set,
    guards: [],
    withdraws: await samplesBeside(publishing, partition, wanted),
  };
  if (hasWork(part)) await verifyContent(engine, partition, wanted);
  const side = (file: PlanPart['files'][keyof PlanPart['files']]) => (file ? join(folder, file.path) : null);
  const sides = { before: side(set.files.before), after: side(set.files.after), wanted: wanted.path };
  part.guards = [
    ...(await judgeChanges(engine, part, sides, allow)),
    ...(await judgeCascades(publishing, partition, changes, allow)),
  ];
  return part;
}

/** Rows of others that would go along with the rows that are deleted: told before it is tried. Reads the table `changes`. */
async function judgeCascades(
  { engine, target, scratch }: Publishing,
  { dataset, county, year }: Partition,
  changes: Changes,
  allow: ReadonlySet<GuardName>,
): Promise<GuardVerdict[]> {
  if (changes.delete === 0) return [];
  const { guard, flag } = CASCADES;
  const keys = ROLLS[dataset].keys.staged;
  const gone = `select ${keys.join(', ')} from changes where op = 'delete'`;
  const part = {
    ...{ relation: inSchema(target.schema, ROLLS[dataset].table), keys, lostFlag: flag },
    where: `t.county_no = ${county.no} and t.year = ${year}`,
  };
  const losses = await target.transaction((transaction) =>
    foreseeLosses(transaction, part, () => streamRows(engine, gone, scratch)),
  );
  return losses.map((message) => ({
    ...{ guard, flag: `--${flag}`, closed: true, allowed: allow.has(guard), message },
  }));
}

/** The bundled sample goes nowhere but to the embedded Postgres, and there never beside or over a county's real rows. */
async function refuseSample(
  { target }: Publishing,
  { county }: Partition,
  { revision }: Snapshot,
): Promise<void> {
  if (!revision.sample) return;
  const remedy = "put the county's files into data/inbox";
  if (!target.embedded)
    throw new DorError(
      `The bundled sample never goes to a real server (${target.label})`,
      `${remedy}, or unset SUPABASE_DB_URL to try the sample on the embedded Postgres`,
    );
  if ((await publishedOf(target, county, false)).length > 0)
    throw new DorError(
      `The target holds real rows of ${county.name}: the bundled sample does not go beside them`,
      remedy,
    );
}

/** Where the bundled sample still stands beside the real rows that come: in the embedded Postgres only. */
async function samplesBeside(
  { target }: Publishing,
  { dataset, county, year }: Partition,
  { revision }: Snapshot,
): Promise<PlanPart['withdraws']> {
  if (!target.embedded || revision.sample) return [];
  const samples = await publishedOf(target, county, true);
  return samples
    .filter((sample) => sample.dataset !== dataset || sample.year !== year)
    .map((sample) => ({ table: ROLLS[sample.dataset].table, year: sample.year }));
}

/** Medians follow from the parcels and from the SQL that computes them: only their rows tell whether they are the same. */
async function mediansDiffer(
  publishing: Publishing,
  partition: Partition,
  path: string | null,
): Promise<boolean> {
  if (!path) return false;
  const { engine, target } = publishing;
  const columns = await tableColumns(target, inSchema(target.schema, MEDIANS));
  if (columns.length === 0) return true;
  const held = await readMedians(publishing, partition, columns);
  // As text: somebody may have written what the type does not have here.
  const names = columns.map(({ name }) => `${name}::varchar as ${name}`).join(', ');
  const types = columns.map((column) => `${column.name}::${duckType(column)} as ${column.name}`).join(', ');
  const row = await engine.row(
    `with held as (select ${names} from ${held}),
       wanted as (select ${names} from (select ${types} from ${parquet(path)}))
     select (select count(*) from (from held except all from wanted)) + (select count(*) from (from wanted except all from held)) as n`,
  );
  return Number(row.n) > 0;
}

/** The medians of a partition as the target has them: a few hundred rows. Returns how DuckDB reads them. */
export async function readMedians(
  { engine, target, scratch }: Publishing,
  { county, year }: Partition,
  columns: TableColumn[],
): Promise<string> {
  const csv = join(scratch, 'held_medians.csv');
  rmSync(csv, { force: true });
  const names = columns.map(({ name }) => name).join(', ');
  const select = `select ${names} from ${inSchema(target.schema, MEDIANS)} where county_no = ${county.no} and year = ${year}`;
  await target.transaction((transaction) => pipeline(transaction.copyOut(select), createWriteStream(csv)));
  return readTyped(engine, csv, columns);
}
