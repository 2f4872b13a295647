/** What the target holds of a partition: from the lake's snapshot when that can be believed, else read back. */

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Engine } from '../engine.ts';
import { MEDIANS } from '../lake/paths.ts';
import { readRecord } from '../lake/published.ts';
import { isWhole, readSnapshot } from '../lake/snapshots.ts';
import type { Partition, Publication } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { refuseChangedColumns } from '../target/columns.ts';
import { inSchema, type Target } from '../target/target.ts';
import { contentInPostgres, readCopied, type TableColumn, tableColumns } from './content.ts';
import { readPublications } from './publicationLog.ts';

/** What planning and applying need. */
export interface Publishing {
  engine: Engine;
  target: Target;
  lake: string;
  scratch: string;
  say: (line: string) => void;
  /** Columns whose values no sample shows, as they were named. */
  redact: string[];
}

export interface CurrentState {
  /** Where the rows were taken from. */
  kind: 'empty' | 'lake' | 'target';
  /** The newest publication that the target's publication log names. */
  publication: Publication | null;
  /** Why the lake's record was not believed; null when it was, when every row was asked for, or when there is nothing. */
  readBack: string | null;
  /** The snapshot of what the target holds; null when it was read back. */
  path: string | null;
  /** Columns of the target's table; none when it does not exist yet. */
  columns: TableColumn[];
}

/**
 * Leaves the view `current_state(<key>, row_hash, content, at)`: content is NULL unless it was read back, then `at`, the row's
 * number in the snapshot, is.
 * The lake's snapshot is believed only while the newest publication of the target's publication log is the one that this lake
 * recorded last. A restored backup, another machine's push, a lost lake: keys, hashes and contents are read back.
 * @param everyRow read back in any case.
 * @throws DorError when somebody changed the table's columns: a diff would call lost values equal.
 */
export async function readCurrent(
  publishing: Publishing,
  partition: Partition,
  everyRow = false,
): Promise<CurrentState> {
  const { engine, target, lake } = publishing;
  const relation = inSchema(target.schema, ROLLS[partition.dataset].table);
  const [publication = null] = await readPublications(target, partition);
  await refuseChangedColumns(target, target.schema, ROLLS[partition.dataset].table);
  if (partition.dataset === 'nal') await refuseChangedColumns(target, target.schema, MEDIANS);
  const columns = await tableColumns(target, relation);
  const keys = ROLLS[partition.dataset].keys.staged;
  if (columns.length === 0) {
    const nothing = [...keys.map((name) => `null::varchar as ${name}`), 'null::bigint as row_hash'];
    await engine.run(
      `create or replace temp view current_state as select ${nothing.join(', ')}, null::varchar as content, null::bigint as at where false`,
    );
    return { kind: 'empty', publication, readBack: null, path: null, columns };
  }
  const doubt = everyRow
    ? null
    : (doubtOf(publication, lake, target, partition) ??
      (await doubtRows(publication, target, relation, partition)));
  if (!everyRow && !doubt && publication) {
    const { path } = readSnapshot(lake, partition, publication.run)!;
    return fromSnapshot(engine, partition, { publication, columns }, path);
  }
  const held = await readTarget(publishing, partition, columns);
  const kind = held === 0 ? 'empty' : 'target';
  return {
    kind,
    publication,
    readBack: kind === 'empty' && !publication?.rows ? null : doubt,
    path: null,
    columns,
  };
}

/** The same out of a snapshot that is known to be what the target holds: whole rows need not be fetched from there. */
export async function fromSnapshot(
  engine: Engine,
  { dataset }: Partition,
  { publication, columns }: Pick<CurrentState, 'publication' | 'columns'>,
  path: string,
): Promise<CurrentState> {
  await engine.run(
    `create or replace temp view current_state as select ${ROLLS[dataset].keys.staged.join(', ')}, row_hash, null::varchar as content, file_row_number as at from ${parquet(path, true)}`,
  );
  return { kind: 'lake', publication, readBack: null, path, columns };
}

/** Why the lake cannot know what the target holds, or null. */
function doubtOf(
  publication: Publication | null,
  lake: string,
  target: Target,
  partition: Partition,
): string | null {
  const record = readRecord(lake, target.id, partition);
  if (!publication) {
    return record
      ? `the target's publication log has no publication, this lake's record has run ${record.run}: another database, or a restored backup`
      : "the target's publication log has no publication";
  }
  if (!record)
    return `the target's publication log names run ${publication.run}, this lake has no record of it: another machine published it, or the lake was lost`;
  const { id, run, checksum } = record;
  if (id !== publication.id || run !== publication.run || checksum !== publication.checksum) {
    return `the target's publication log names run ${publication.run} (publication ${publication.id}), this lake's record run ${run} (${id}): another machine published, or a backup was restored`;
  }
  const snapshot = readSnapshot(lake, partition, run);
  if (!snapshot) return `the lake has lost its snapshot of run ${run}`;
  if (!isWhole(snapshot)) return `the lake's snapshot of run ${run} is damaged`;
  return snapshot.revision.checksum === checksum
    ? null
    : `the lake's snapshot of run ${run} is another content`;
}

/** Whether a partition that was published stands there at all: whoever empties a table tells no log. */
async function doubtRows(
  publication: Publication | null,
  target: Target,
  relation: string,
  { county, year }: Partition,
): Promise<string | null> {
  if (!publication?.rows) return null;
  const [row] = await target.query(
    `select exists (select from ${relation} where county_no = $1 and year = $2) as held`,
    [county.no, year],
  );
  return row?.held ? null : `${relation} has no row of it: somebody emptied the table`;
}

/** Keys, hashes and contents as they stand in the target. Returns how many rows there are. */
async function readTarget(
  { engine, target, scratch }: Publishing,
  partition: Partition,
  columns: TableColumn[],
): Promise<number> {
  const { dataset, county, year } = partition;
  const keys = ROLLS[dataset].keys.staged;
  const path = join(scratch, `base_${dataset}.csv`);
  await target.transaction(async (transaction) => {
    const select = `select ${keys.join(', ')}, row_hash, ${contentInPostgres(columns)}
      from ${inSchema(target.schema, ROLLS[dataset].table)} where county_no = ${county.no} and year = ${year}`;
    await pipeline(transaction.copyOut(select), createWriteStream(path));
  });
  const read = readCopied(path, [
    ...keys.map((name) => ({ name, type: 'varchar' })),
    { name: 'row_hash', type: 'bigint' },
    { name: 'content', type: 'varchar' },
  ]);
  await engine.run(`create or replace temp table current_rows as select *, null::bigint as at from ${read}`);
  await engine.run('create or replace temp view current_state as from current_rows');
  const { held } = await engine.row('select count(*) as held from current_state');
  return Number(held);
}
