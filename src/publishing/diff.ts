/** diff: what the target lacks, by key, row hash and, when it was read back, content. */

import type { Engine } from '../engine.ts';
import type { Snapshot } from '../lake/snapshots.ts';
import type { Changes, Dataset, Partition } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { contentInDuckDb, fileColumns } from './content.ts';
import type { CurrentState } from './currentState.ts';

/** What the target holds beside what it is to hold; the change set goes to `folder`. */
export interface Comparison {
  partition: Partition;
  current: CurrentState;
  wanted: Snapshot;
  folder: string;
}

/**
 * Compares wanted rows with the view `current_state` and leaves the table `changes(op, <key>, wanted_at, current_at)`, op insert, update or delete,
 * the row's number in either file: rows are fetched by it, because a join by key would hold a whole file in memory.
 * A row that was changed by hand under its old hash is an update when that was read back. An empty one makes every
 * row an insert and leaves no table.
 */
export async function diff(
  engine: Engine,
  dataset: Dataset,
  current: CurrentState,
  wanted: string,
): Promise<Changes> {
  // A first load is a file, not a list of a million keys.
  if (current.kind === 'empty') {
    const { rows } = await engine.row(`select count(*) as rows from ${parquet(wanted)}`);
    return { insert: Number(rows), update: 0, delete: 0, unchanged: 0 };
  }
  const keys = ROLLS[dataset].keys.staged;
  const content =
    current.kind === 'target'
      ? contentInDuckDb(current.columns, await fileColumns(engine, wanted))
      : 'null::varchar';
  await engine.run(
    `create or replace temp table changes as
     select case when b.row_hash is null then 'insert' when w.row_hash is null then 'delete' else 'update' end as op,
       ${keys.join(', ')}, w.at as wanted_at, b.at as current_at
     from (select ${keys.join(', ')}, row_hash, ${content} as content, file_row_number as at from ${parquet(wanted, true)}) w
     full join current_state b using (${keys.join(', ')})
     where w.row_hash is distinct from b.row_hash or w.content is distinct from b.content`,
  );
  const counts = await engine.row(
    `select count_if(op = 'insert') as inserted, count_if(op = 'update') as updated, count_if(op = 'delete') as deleted,
       (select count(*) from current_state) as held from changes`,
  );
  const [insert, update, deleted] = [Number(counts.inserted), Number(counts.updated), Number(counts.deleted)];
  return { insert, update, delete: deleted, unchanged: Number(counts.held) - update - deleted };
}
