/** What is staged: the files of a partition, and the revision that they are. */

import { join } from 'node:path';
import type { County, Partition, Revision, RunManifest } from '../model.ts';
import { readStaged } from './manifest.ts';
import { MEDIANS, partitionsIn, stagedFolder, tableFolder } from './paths.ts';
import type { Snapshot } from './snapshots.ts';

/** Files with rows that can be published, in the lake or aside. */
export type StagedFiles = Pick<Snapshot, 'path' | 'mediansPath' | 'seals'>;

export const stagedFile = (lake: string, partition: Partition) =>
  join(stagedFolder(lake, partition), 'data.parquet');

/** The medians that are staged with the parcels. */
export const mediansFile = (lake: string, partition: Partition) =>
  join(tableFolder(lake, MEDIANS, partition), 'data.parquet');

/** The files of a partition's staged rows, whether they are there or not. */
export function stagedFiles(lake: string, partition: Partition): StagedFiles {
  return {
    path: stagedFile(lake, partition),
    seals: readStaged(lake, partition)?.staged?.seals,
    mediansPath: partition.dataset === 'nal' ? mediansFile(lake, partition) : null,
  };
}

/** Partitions of a county that have staged rows. */
export const stagedPartitions = (lake: string, county: County): Partition[] =>
  partitionsIn(lake, 'staged', county).filter((partition) => readStaged(lake, partition));

/** The revision that a run staged. */
export function revisionOf({ run, staged, source, sqlVersion }: RunManifest): Revision {
  return {
    run,
    rows: staged!.rows,
    checksum: staged!.checksum,
    sourceSha256: source.sha256,
    stage: source.stage,
    submission: source.submission,
    sqlVersion,
    sample: source.sample,
  };
}
