/** diff: what the target lacks, by key, row hash and, when it was read back, content. */

import type { Engine } from '../engine.ts';
import { parquet } from '../lake/snapshots.ts';
import type { Changes, Dataset } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import type { Base } from './base.ts';
import { contentInDuckDb, fileColumns } from './content.ts';

/**
 * Compares wanted rows with the view `base` and leaves the table `changes(op, <key>, wanted_at, base_at)`, op insert, update or delete,
 * the row's number in either file: rows are fetched by it, because a join by key would hold a whole file in memory.
 * A row that was changed by hand under its old hash is an update when the base was read back. An empty base makes every
 * row an insert and leaves no table.
 */
export async function diff(engine: Engine, dataset: Dataset, base: Base, wanted: string): Promise<Changes> {
  // A first load is a file, not a list of a million keys.
  if (base.kind === 'empty') {
    const { rows } = await engine.row(`select count(*) as rows from ${parquet(wanted)}`);
    return { insert: Number(rows), update: 0, delete: 0, unchanged: 0 };
  }
  const keys = ROLLS[dataset].keys.staged;
  const content =
    base.kind === 'target'
      ? contentInDuckDb(base.columns, await fileColumns(engine, wanted))
      : 'null::varchar';
  await engine.run(
    `create or replace temp table changes as
     select case when b.row_hash is null then 'insert' when w.row_hash is null then 'delete' else 'update' end as op,
       ${keys.join(', ')}, w.at as wanted_at, b.at as base_at
     from (select ${keys.join(', ')}, row_hash, ${content} as content, file_row_number as at from ${parquet(wanted, true)}) w
     full join base b using (${keys.join(', ')})
     where w.row_hash is distinct from b.row_hash or w.content is distinct from b.content`,
  );
  const counts = await engine.row(
    `select count_if(op = 'insert') as inserted, count_if(op = 'update') as updated, count_if(op = 'delete') as deleted,
       (select count(*) from base) as held from changes`,
  );
  const [insert, update, deleted] = [Number(counts.inserted), Number(counts.updated), Number(counts.deleted)];
  return { insert, update, delete: deleted, unchanged: Number(counts.held) - update - deleted };
}
