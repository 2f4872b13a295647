/** What is staged, as a content that can be published. */

import { DorError } from '../errors.ts';
import { isSealed } from '../lake/fileSeal.ts';
import { readStaged } from '../lake/manifest.ts';
import { keepSnapshot, type Snapshot } from '../lake/snapshots.ts';
import { readStagedRun, revisionOf, stagedFiles } from '../lake/staged.ts';
import type { Partition } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import type { Publishing } from './currentState.ts';

/** Staged rows as a content that can be published, kept as a snapshot. @throws DorError when a kill left them unfinished. */
export async function stagedContent({ engine, lake }: Publishing, partition: Partition): Promise<Snapshot> {
  const manifest = readStaged(lake, partition)!;
  const files = stagedFiles(lake, partition);
  if (
    !isSealed(files.path, files.seals?.data, false) ||
    (await readStagedRun(engine, files.path)) !== manifest.run
  ) {
    throw new DorError(
      `The staged ${ROLLS[partition.dataset].table} of ${partition.county.name} ${partition.year} are unfinished or damaged (${files.path})`,
      `stage them again: dor ingest ${partition.county.slug} --no-push`,
    );
  }
  return keepSnapshot(lake, partition, { revision: revisionOf(manifest), ...files });
}
