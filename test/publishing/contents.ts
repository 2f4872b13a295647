/** Contents of partitions for tests of plans: staged as a run would leave them, brought to a target, read back from it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../src/engine.ts';
import { hasWork, type PlanKind, type PlanPart } from '../../src/lake/plans.ts';
import { keepSnapshot, type Snapshot } from '../../src/lake/snapshots.ts';
import type { Partition } from '../../src/model.ts';
import { SQL } from '../../src/project.ts';
import { contentInDuckDb, duckType, tableColumns } from '../../src/publishing/content.ts';
import type { Publishing } from '../../src/publishing/currentState.ts';
import { GUARDS, type GuardName, passGuards } from '../../src/publishing/guards.ts';
import { applyParts, makePlan } from '../../src/publishing/publish.ts';
import { ROLLS } from '../../src/rolls.ts';
import { literal } from '../../src/sqlText.ts';
import { migrate } from '../../src/target/migrate.ts';
import { openTarget } from '../../src/target/open.ts';
import type { Timed } from '../../src/timer.ts';
import { putEmbedded } from '../embedded.ts';
import { temporaryFolder } from '../workspace.ts';

/** Values by column; what is not named is NULL. `exemptions` is an object of counts, `extra` one of texts. */
export type Row = Record<string, unknown>;

export const ALL_GUARDS: ReadonlySet<GuardName> = new Set(GUARDS.map(({ guard }) => guard));

/** An engine, a fresh lake and a migrated target: a server, or without a URL the embedded Postgres. */
export async function session(
  url: string | undefined,
  work: (publishing: Publishing) => Promise<void>,
): Promise<void> {
  const lake = temporaryFolder();
  const scratch = join(lake, 'tmp');
  mkdirSync(scratch);
  const engine = await Engine.open({ threads: 2, memoryLimitMb: 256, tempDirectory: scratch });
  if (!url) await putEmbedded(lake);
  const target = await openTarget(url, lake, false);
  try {
    await migrate(target);
    await engine.file(join(SQL, 'stage/macros.sql'));
    await work({ engine, target, lake, scratch, say: () => {}, redact: [] });
  } finally {
    await target.close();
    engine.close();
  }
}

/** A staged file with these rows. @param lacking columns that it does not have: an older SQL staged it. */
export async function stage(
  { engine, target, scratch }: Publishing,
  { dataset, county, year }: Partition,
  rows: Row[],
  run: string,
  lacking: string[] = [],
): Promise<Snapshot> {
  const columns = await tableColumns(target, `${target.schema}.${ROLLS[dataset].table}`);
  const folder = join(scratch, `staged-${dataset}-${year}`);
  mkdirSync(folder, { recursive: true });
  const json = join(folder, `${run}.ndjson`);
  const line = (row: Row) => JSON.stringify({ ...row, extra: row.extra && JSON.stringify(row.extra) });
  writeFileSync(json, rows.map(line).join('\n'));
  const types = new Map(
    columns.map((column) => [
      column.name,
      column.name === 'exemptions' ? 'MAP(VARCHAR, BIGINT)' : duckType(column).toUpperCase(),
    ]),
  );
  const present = new Map([...types].filter(([name]) => !lacking.includes(name)));
  const given = new Set([...ROLLS[dataset].keys.staged, ...rows.flatMap((row) => Object.keys(row))]);
  const fixed: Record<string, string> = {
    county_no: `${county.no}::smallint`,
    year: `${year}::smallint`,
    county: literal(county.name),
  };
  const select = [...present]
    .filter(([name]) => name !== 'row_hash')
    .map(([name, type]) => `${fixed[name] ?? (given.has(name) ? `j.${name}` : `null::${type}`)} as ${name}`);
  const read = `read_json(${literal(json)}, format = 'newline_delimited',
    columns = {${[...given].map((name) => `${name}: ${literal(types.get(name)!)}`).join(', ')}})`;
  const path = join(folder, `${run}.parquet`);
  await engine.run(
    `copy (select *, row_hash(${contentInDuckDb(columns, present)}) as row_hash from (select ${select.join(', ')} from ${read} j))
     to ${literal(path)} (format parquet)`,
  );
  const sums = await engine.row(
    `select coalesce(sum(row_hash), 0)::varchar as checksum from read_parquet(${literal(path)})`,
  );
  const revision = {
    run,
    rows: rows.length,
    checksum: String(sums.checksum),
    sourceSha256: '',
    stage: null,
    submission: null,
    sqlVersion: 'x',
    sample: false,
  };
  return { revision, path, mediansPath: null };
}

const untimed: Timed = (_step, work) => work(() => {});

/**
 * Plans a content and applies the plan, as every command does. @param everyRow read the target back instead of
 * believing the lake; what happens between plan and apply. @throws DorError when a guard is closed.
 */
export async function publishOnce(
  publishing: Publishing,
  partition: Partition,
  content: Snapshot,
  { everyRow = false, allow = ALL_GUARDS, kind = 'publish' as PlanKind, meanwhile = async () => {} } = {},
): Promise<PlanPart> {
  const wanted = keepSnapshot(publishing.lake, partition, content);
  const timer = () => untimed;
  const states = [{ partition, wanted, everyRow }];
  const plan = await makePlan(publishing, { kind, county: partition.county, states, allow, timer });
  const part = plan.parts[0]!;
  if (!hasWork(part)) return part;
  passGuards(part, allow);
  await meanwhile();
  for await (const _ of applyParts(publishing, plan, { allow, timer }));
  return part;
}

/** The rows of a partition as Postgres says them, by key, without NULLs and what all rows have in common. */
export async function heldRows({ target }: Publishing, { dataset, county, year }: Partition): Promise<Row[]> {
  const found = await target.query(
    `select to_jsonb(t) - '{county_no,year,county,row_hash}'::text[] as row
     from ${target.schema}.${ROLLS[dataset].table} t where county_no = $1 and year = $2`,
    [county.no, year],
  );
  return byKey(
    dataset,
    found.map(({ row }) => row as Row),
  );
}

/** Rows in the order of their keys, without NULLs. */
export function byKey(dataset: Partition['dataset'], rows: Row[]): Row[] {
  const key = (row: Row) => JSON.stringify(ROLLS[dataset].keys.staged.map((name) => row[name]));
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What a diff must find, by the model. Objects have no order. */
export function expectedChanges(dataset: Partition['dataset'], before: Row[], after: Row[]) {
  const index = (rows: Row[]) =>
    new Map(
      rows.map((row) => [
        JSON.stringify(ROLLS[dataset].keys.staged.map((name) => row[name])),
        canonical(row),
      ]),
    );
  const [old, now] = [index(before), index(after)];
  const common = [...old.keys()].filter((key) => now.has(key));
  const unchanged = common.filter((key) => old.get(key) === now.get(key)).length;
  return {
    insert: now.size - common.length,
    update: common.length - unchanged,
    delete: old.size - common.length,
    unchanged,
  };
}

const canonical = (row: Row) =>
  JSON.stringify(
    sorted(row)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, typeof value === 'object' ? sorted(value!) : value]),
  );
const sorted = (object: object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
