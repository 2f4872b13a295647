/** What is staged of a county, as contents that can be published. */

import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { isSealed } from '../lake/fileSeal.ts';
import { readStaged } from '../lake/manifest.ts';
import { yearsIn } from '../lake/paths.ts';
import { keepSnapshot, type Snapshot } from '../lake/snapshots.ts';
import { type County, DATASETS, type Partition, TABLES } from '../model.ts';
import { stagedFiles } from '../pipeline.ts';
import type { Publishing } from '../steps/base.ts';
import { revisionOf } from '../steps/publish.ts';
import { readStagedRun } from '../steps/stage.ts';

/** Partitions of a county that have staged rows, sales before the parcels. */
export function stagedPartitions(lake: string, county: County): Partition[] {
  return DATASETS.flatMap((dataset) =>
    yearsIn(join(lake, 'staged', TABLES[dataset], `county=${county.slug}`)).map((year) => ({
      dataset,
      county,
      year,
    })),
  ).filter((partition) => readStaged(lake, partition));
}

/** Staged rows as a content that can be published, kept as a snapshot. @throws DorError when a kill left them unfinished. */
export async function stagedContent({ engine, lake }: Publishing, partition: Partition): Promise<Snapshot> {
  const manifest = readStaged(lake, partition)!;
  const files = stagedFiles(lake, partition);
  if (
    !isSealed(files.path, files.seals?.data, false) ||
    (await readStagedRun(engine, files.path)) !== manifest.run
  ) {
    throw new DorError(
      `The staged ${TABLES[partition.dataset]} of ${partition.county.name} ${partition.year} are unfinished or damaged (${files.path})`,
      `stage them again: dor ingest ${partition.county.slug} --no-push`,
    );
  }
  return keepSnapshot(lake, partition, { revision: revisionOf(manifest), ...files });
}
