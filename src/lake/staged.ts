/** What is staged: the files of a partition, and the revision that they are; how a run's files come to be it. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import type { County, Partition, Revision, RunManifest } from '../model.ts';
import { literal, verbatim } from '../sqlText.ts';
import { moveDurably } from './durable.ts';
import { readStaged } from './manifest.ts';
import {
  deadLettersFile,
  MEDIANS,
  partitionsIn,
  stagedFolder,
  stoppedLettersFile,
  tableFolder,
} from './paths.ts';
import type { Snapshot } from './snapshots.ts';

/** Files with rows that can be published, in the lake or aside. */
export type StagedFiles = Pick<Snapshot, 'path' | 'mediansPath' | 'seals'>;

export const stagedFile = (lake: string, partition: Partition) =>
  join(stagedFolder(lake, partition), 'data.parquet');

/** The medians that are staged with the parcels. */
const mediansFile = (lake: string, partition: Partition) =>
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

/** Moves what was staged into the lake; null stands for what stays as it is. The caller then writes the manifest, which makes it count. */
export function acceptStaged(
  lake: string,
  partition: Partition,
  staged: Pick<StagedFiles, 'path' | 'mediansPath'> & { rejectedPath: string | null },
): void {
  if (staged.mediansPath) moveDurably(staged.mediansPath, mediansFile(lake, partition));
  moveDurably(staged.path, stagedFile(lake, partition));
  if (!staged.rejectedPath) return;
  moveDurably(staged.rejectedPath, deadLettersFile(lake, partition));
  forgetStopped(lake, partition);
}

/** Keeps the dead letters of a file that a gate stopped beside those of the staged rows, which stay. */
export function keepStoppedLetters(lake: string, partition: Partition, path: string): void {
  moveDurably(path, stoppedLettersFile(lake, partition));
}

/** A file that was stopped is past once another run of the partition went well. */
export function forgetStopped(lake: string, partition: Partition): void {
  rmSync(stoppedLettersFile(lake, partition), { force: true });
}

/** Whether every value of a Parquet file can be read. */
export async function isReadable(engine: Engine, path: string): Promise<boolean> {
  try {
    await engine.rows(`select count(columns(*)) from read_parquet(${literal(verbatim(path))})`);
    return true;
  } catch {
    return false;
  }
}

/** The run that wrote a staged file, from its footer; null when there is no such file, or no footer any more. */
export async function readStagedRun(engine: Engine, path: string): Promise<string | null> {
  if (!existsSync(path)) return null;
  try {
    const [row] = await engine.rows(
      `select decode(value) as run from parquet_kv_metadata(${literal(verbatim(path))}) where decode(key) = 'run'`,
    );
    return row ? String(row.run) : null;
  } catch {
    return null;
  }
}
