/** recover: what the lake has lost about the target, from what was read back. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MEDIANS } from '../lake/paths.ts';
import type { PlanPart } from '../lake/plans.ts';
import { writeRecord } from '../lake/published.ts';
import { keepSnapshot, readSnapshot } from '../lake/snapshots.ts';
import type { Partition, Publication } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { ROW_GROUP } from '../routing.ts';
import { literal, parquet } from '../sqlText.ts';
import { sqlVersion } from '../sqlVersion.ts';
import { inSchema } from '../target/target.ts';
import { fileColumns, tableColumns } from './content.ts';
import type { Publishing } from './currentState.ts';
import type { Comparison } from './diff.ts';
import { readMedians } from './planPart.ts';
import { readPublications } from './publicationLog.ts';
import { countAltered } from './verifyContent.ts';

/**
 * After the current state was read back: keeps the snapshot that the lake lacks and, when not a row differs, the record that the
 * lake knows again what the target holds. Otherwise the next push leaves both.
 */
export async function recover(publishing: Publishing, comparison: Comparison, part: PlanPart): Promise<void> {
  const { partition, current } = comparison;
  const { publication } = current;
  if (current.kind !== 'target' || !publication) return;
  await recoverSnapshot(publishing, comparison, publication, part);
  const { insert, update, delete: gone } = part.changes;
  const known = readSnapshot(publishing.lake, partition, publication.run);
  if (insert + update + gone > 0 || known?.revision.checksum !== publication.checksum) return;
  const log = await readPublications(publishing.target, partition);
  const runs = log.map(({ run }) => run);
  writeRecord(publishing.lake, publishing.target.id, partition, { ...publication, log: runs });
}

/**
 * Keeps a snapshot of the target's newest publication when the lake has none: the wanted rows that stay, and the rows
 * before that go or change. It is kept only when count and checksum are those of the target's publication log; says so if not.
 */
async function recoverSnapshot(
  publishing: Publishing,
  { partition, current, wanted, folder }: Comparison,
  publication: Publication,
  part: PlanPart,
): Promise<void> {
  const { engine, lake, scratch, say } = publishing;
  if (readSnapshot(lake, partition, publication.run)) return;
  const before = part.files.before && join(folder, part.files.before.path);
  const path = join(scratch, `recovered_${partition.dataset}.parquet`);
  const keys = ROLLS[partition.dataset].keys.staged;
  const types = await fileColumns(engine, wanted.path);
  const columns = current.columns.map(({ name, type }) => {
    if (!types.has(name)) return `null as ${name}`;
    return type === 'jsonb' && types.get(name)!.startsWith('MAP')
      ? `to_json(${name})::varchar as ${name}`
      : name;
  });
  const stay = `select ${columns.join(', ')} from ${parquet(wanted.path)} w anti join changes using (${keys.join(', ')})`;
  const all = before ? `${stay} union all by name from ${parquet(before)}` : stay;
  await engine.run(
    `copy (${all}) to ${literal(path)} (format parquet, compression zstd, row_group_size ${ROW_GROUP})`,
  );
  // A row that differs under the same hash was changed by hand.
  const found = await engine.row(
    `select count(*)::varchar as n, coalesce(sum(row_hash), 0)::varchar as checksum,
       (select count(*) from changes join current_state b using (${keys.join(', ')})
        join ${parquet(wanted.path)} w using (${keys.join(', ')}) where b.row_hash = w.row_hash) as tampered
     from ${parquet(path)}`,
  );
  const same = found.n === String(publication.rows) && found.checksum === publication.checksum;
  // Rows that go or change are compared with nothing: their hash is made again from what stands there.
  const provable = publication.sqlVersion === sqlVersion();
  const altered = provable && same ? await countAltered(engine, partition.dataset, typed(path, types)) : 0;
  if (!same || Number(found.tampered) + altered > 0) {
    say(
      `what the target holds is not what run ${publication.run} published: it cannot be kept as that run's snapshot`,
    );
    rmSync(path);
    return;
  }
  const { id: _, publishedAt: __, ...revision } = publication;
  const mediansPath = partition.dataset === 'nal' ? await copyMedians(publishing, partition) : null;
  keepSnapshot(lake, partition, { revision, path, mediansPath });
  const doubt =
    provable || !before ? '' : '; another version made it, so values of rows that change now are believed';
  say(`the snapshot of run ${publication.run} was recovered from the target${doubt}`);
}

/** Rows that were read back, in the types of staged ones: what does not fit is NULL, and so is another row. */
function typed(path: string, types: Map<string, string>): string {
  const published = [...types].slice(0, [...types.keys()].indexOf('row_hash') + 1);
  const columns = published.map(([name, type]) =>
    type.startsWith('MAP')
      ? `try_cast(try_cast(${name} as json) as ${type}) as ${name}`
      : `try_cast(${name} as ${type}) as ${name}`,
  );
  return `select ${columns.join(', ')} from ${parquet(path)}`;
}

async function copyMedians(publishing: Publishing, partition: Partition): Promise<string> {
  const { engine, target, scratch } = publishing;
  const columns = await tableColumns(target, inSchema(target.schema, MEDIANS));
  const path = join(scratch, 'recovered_medians.parquet');
  const read = await readMedians(publishing, partition, columns);
  await engine.run(`copy (from ${read}) to ${literal(path)} (format parquet, compression zstd)`);
  return path;
}
