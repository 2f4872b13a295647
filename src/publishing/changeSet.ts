/** The change set of a partition as Parquet: what changes, the rows as they are, the rows as they will be. */

import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { confidentialRow, listConfidential } from '../confidential.ts';
import type { Engine } from '../engine.ts';
import { digestFile } from '../lake/fileSeal.ts';
import type { ColumnChange, PlanFile, PlanPart } from '../lake/plans.ts';
import { linkOrCopy } from '../lake/snapshots.ts';
import type { Changes, Dataset, Partition } from '../model.ts';
import { hiddenColumns, redactChanges } from '../redaction.ts';
import { ROLLS } from '../rolls.ts';
import { ROW_GROUP } from '../routing.ts';
import { literal, parquet } from '../sqlText.ts';
import { streamRows } from '../target/rowStream.ts';
import { inSchema } from '../target/target.ts';
import { fileColumns, readTyped, textInDuckDb } from './content.ts';
import type { CurrentState, Publishing } from './currentState.ts';
import type { Comparison } from './diff.ts';

/** Updates whose columns are compared; of more, a sample is. */
const MOST_COMPARED = 100_000;
const SHOWN_COLUMNS = 8;
const SHOWN_SAMPLES = 3;

export type ChangeSet = Pick<PlanPart, 'files' | 'columns' | 'columnsOf'>;

/** Writes the table `changes` that the diff left, with rows, to `<folder>/<name>/`. A first load is its file under a second name. */
export async function writeChangeSet(
  publishing: Publishing,
  { partition, current, wanted, folder }: Comparison,
  changes: Changes,
): Promise<ChangeSet> {
  const { engine } = publishing;
  const name = `${ROLLS[partition.dataset].table}-${partition.year}`;
  mkdirSync(join(folder, name), { recursive: true });
  const path = (kind: string) => join(folder, name, `${kind}.parquet`);
  const files: ChangeSet['files'] = { changes: null, before: null, after: null, hidden: null };
  const file = (kind: string): PlanFile => ({
    path: `${name}/${kind}.parquet`,
    sha256: digestFile(path(kind)),
  });

  if (changes.insert + changes.update + changes.delete === 0) return { files, columns: [], columnsOf: 0 };
  if (current.kind === 'empty') {
    linkOrCopy(wanted.path, path('after'));
    files.after = file('after');
    if (await writeHidden(publishing, partition, [path('after')], path('hidden')))
      files.hidden = file('hidden');
    return { files, columns: [], columnsOf: 0 };
  }
  if (changes.insert + changes.update > 0) {
    await copyRows(engine, wanted.path, 'wanted_at', path('after'));
    files.after = file('after');
  }
  if (changes.update + changes.delete > 0) {
    if (current.path) await copyRows(engine, current.path, 'current_at', path('before'));
    else await copyRowsFromTarget(publishing, partition, current, path('before'));
    files.before = file('before');
  }
  const present = (['before', 'after'] as const).filter((kind) => files[kind]).map(path);
  if (await writeHidden(publishing, partition, present, path('hidden'))) files.hidden = file('hidden');
  const compared = await compareColumns(
    engine,
    { dataset: partition.dataset, current, path },
    changes.update,
  );
  const hidden = hiddenColumns(partition.dataset, publishing.redact);
  compared.columns = redactChanges(compared.columns, ROLLS[partition.dataset].keys.staged, hidden);
  files.changes = file('changes');
  return { files, ...compared };
}

/** Rows of a file by their numbers. */
async function copyRows(engine: Engine, from: string, at: string, to: string): Promise<void> {
  await engine.run(
    `copy (select * exclude (file_row_number) from ${parquet(from, true)}
           where file_row_number in (select ${at} from changes where ${at} is not null))
     to ${literal(to)} (format parquet, compression zstd, row_group_size ${ROW_GROUP})`,
  );
}

/** The lake has no snapshot of them: the rows that go or change are read from the target, and only those. */
async function copyRowsFromTarget(
  { engine, target, scratch }: Publishing,
  { dataset, county, year }: Partition,
  { columns }: CurrentState,
  to: string,
): Promise<void> {
  const keys = ROLLS[dataset].keys.staged;
  const relation = inSchema(target.schema, ROLLS[dataset].table);
  const csv = join(scratch, `before_${dataset}.csv`);
  await target.transaction(async (transaction) => {
    await transaction.query(
      `create temp table dor_wanted on commit drop as select ${keys.join(', ')} from ${relation} with no data`,
    );
    const wanted = `select ${keys.join(', ')} from changes where op <> 'insert'`;
    await transaction.copyIn('dor_wanted', streamRows(engine, wanted, scratch));
    await transaction.query('analyze dor_wanted');
    const select = `select ${columns.map(({ name }) => `t.${name}`).join(', ')} from ${relation} t
      join dor_wanted w using (${keys.join(', ')}) where t.county_no = ${county.no} and t.year = ${year}`;
    await pipeline(transaction.copyOut(select), createWriteStream(csv));
  });
  const read = await readTyped(engine, csv, columns);
  await engine.run(
    `copy (from ${read}) to ${literal(to)} (format parquet, compression zstd, row_group_size ${ROW_GROUP})`,
  );
}

/**
 * Leaves the table `hidden_keys(<key>)`, and a file of it unless it is empty: rows that no sample or listing may show,
 * before or after, by their files' flag or their parcel's.
 */
async function writeHidden(
  { engine, lake }: Publishing,
  partition: Partition,
  paths: string[],
  to: string,
): Promise<boolean> {
  const key = ROLLS[partition.dataset].keys.staged.join(', ');
  await listConfidential(engine, lake, partition);
  const selects = [];
  for (const path of paths) {
    const columns = await fileColumns(engine, path);
    const isHidden = confidentialRow(partition.dataset, columns.keys());
    selects.push(`select ${key} from ${parquet(path)} where ${isHidden}`);
  }
  await engine.run(`create or replace temp table hidden_keys as ${selects.join(' union ')}`);
  const { n } = await engine.row('select count(*)::int as n from hidden_keys');
  if (n === 0) return false;
  await engine.run(`copy hidden_keys to ${literal(to)} (format parquet, compression zstd)`);
  return true;
}

/** Writes changes.parquet: op, key and the names of the columns that an update changes; counts and samples them. */
async function compareColumns(
  engine: Engine,
  { dataset, current, path }: { dataset: Dataset; current: CurrentState; path: (kind: string) => string },
  updates: number,
): Promise<Pick<ChangeSet, 'columns' | 'columnsOf'>> {
  const keys = ROLLS[dataset].keys.staged;
  const key = keys.join(', ');
  const limit =
    updates > MOST_COMPARED ? ` using sample reservoir(${MOST_COMPARED} rows) repeatable (1)` : '';
  if (updates > 0) {
    const before = await fileColumns(engine, path('before'));
    const after = await fileColumns(engine, path('after'));
    const differing = current.columns
      .filter(({ name }) => !keys.includes(name) && name !== 'row_hash')
      .map((column) => {
        const [old, now] = [
          textInDuckDb(column, before.get(column.name), 'b.'),
          textInDuckDb(column, after.get(column.name), 'a.'),
        ];
        return `case when ${old} is distinct from ${now}
          then struct_pack(name := ${literal(column.name)}, before := ${old}, after := ${now}) end`;
      });
    await engine.run(
      `create or replace temp table differences as
       with compared as (select * from (select ${key} from changes where op = 'update')${limit})
       select ${key}, list_filter([${differing.join(', ')}], lambda d: d is not null) as changed
       from compared join ${parquet(path('before'))} b using (${key}) join ${parquet(path('after'))} a using (${key})`,
    );
  } else {
    const names = keys.map((name) => `null::varchar as ${name}`).join(', ');
    await engine.run(
      `create or replace temp table differences as
       select ${names}, null::struct(name varchar, before varchar, after varchar)[] as changed where false`,
    );
  }
  await engine.run(
    `copy (select op, ${key}, d.changed from changes left join differences d using (${key}) order by op, ${key})
     to ${literal(path('changes'))} (format parquet, compression zstd, row_group_size ${ROW_GROUP})`,
  );
  return { columns: await countColumns(engine, keys), columnsOf: Math.min(updates, MOST_COMPARED) };
}

async function countColumns(engine: Engine, keys: string[]): Promise<ColumnChange[]> {
  const rows = await engine.rows(
    `with shown as (
       select *, exists (select 1 from hidden_keys h where ${keys.map((name) => `h.${name} = differences.${name}`).join(' and ')}) as hidden
       from differences
     ),
     each as (select concat_ws(' ', ${keys.join(', ')}) as key, hidden, unnest(changed) as d from shown),
     counted as (
       select d.name as name, count(*) as n,
         to_json(coalesce(list({key: key, before: d.before, after: d.after} order by key) filter (not hidden), [])[:${SHOWN_SAMPLES}])::varchar as samples
       from each group by all
     )
     from counted order by n desc, name limit ${SHOWN_COLUMNS}`,
  );
  return rows.map(({ name, n, samples }) => ({
    name: String(name),
    rows: Number(n),
    samples: JSON.parse(String(samples)),
  }));
}
