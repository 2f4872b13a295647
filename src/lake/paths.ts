/** Where the data lie. The lake is plain files: any Parquet tool can read it without us. */

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { County, Partition } from '../model.ts';
import { ROOT } from '../project.ts';
import { DATASETS, ROLLS } from '../rolls.ts';

/** The folders that are the user's, and the shell's history; DOR_DATA moves them all. */
export interface DataPaths {
  inbox: string;
  lake: string;
  target: string;
  reports: string;
  /** Queries that people saved on the page. */
  queries: string;
  /** What was typed into `dor sql`. */
  history: string;
}

export function dataPaths(root = process.env.DOR_DATA ?? join(ROOT, 'data')): DataPaths {
  const base = resolve(root);
  return {
    inbox: join(base, 'inbox'),
    lake: join(base, 'lake'),
    target: join(base, 'target'),
    reports: join(base, 'reports'),
    queries: join(base, 'queries'),
    history: join(base, 'sql-history'),
  };
}

/** County, city and use-group medians, staged and published with the parcels. */
export const MEDIANS = 'dor_medians';

const inPartition = ({ county, year }: Partition) => join(`county=${county.slug}`, `year=${year}`);

/** Folder of any staged table's partition. */
export const tableFolder = (lake: string, table: string, partition: Partition) =>
  join(lake, 'staged', table, inPartition(partition));
/** Folder of a partition's staged Parquet file and its manifest. */
export const stagedFolder = (lake: string, partition: Partition) =>
  tableFolder(lake, ROLLS[partition.dataset].table, partition);
/** Folder of a partition's dead letters. */
export const rejectedFolder = (lake: string, partition: Partition) =>
  join(lake, 'rejected', ROLLS[partition.dataset].table, inPartition(partition));
/** Dead letters of the file whose rows are staged. */
export const deadLettersFile = (lake: string, partition: Partition) =>
  join(rejectedFolder(lake, partition), 'data.parquet');
/** Those of a later file that a gate stopped, until a run is none that is stopped. */
export const stoppedLettersFile = (lake: string, partition: Partition) =>
  join(rejectedFolder(lake, partition), STOPPED_LETTERS);
export const STOPPED_LETTERS = 'stopped.parquet';
/** Both, where there are any. */
export const letterFiles = (lake: string, partition: Partition) =>
  [deadLettersFile(lake, partition), stoppedLettersFile(lake, partition)].filter((file) => existsSync(file));
/** The lake's record of what it published of a partition to a target. */
export const publishedFolder = (lake: string, target: string, partition: Partition) =>
  join(lake, 'published', target, ROLLS[partition.dataset].table, inPartition(partition));
/** Folder with the snapshots of a partition: what was published, one folder a run. */
export const snapshotsFolder = (lake: string, partition: Partition) =>
  join(lake, 'snapshots', ROLLS[partition.dataset].table, inPartition(partition));
/** Folder with all plans. */
export const plansFolder = (lake: string) => join(lake, 'plans');
/** Folder with the manifests of all runs. */
export const runsFolder = (lake: string) => join(lake, 'runs');
/** Held while a county is being ingested. */
export const lockFile = (lake: string, county: string) => join(lake, 'locks', `${county}.lock`);
/** Scratch space of one run, removed at its end. */
export const scratchFolder = (lake: string, run: string) => join(lake, 'tmp', run);

/** Roll years that have a folder of their own in a county's folder of some table, ascending. */
function yearsIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => Number(/^year=(\d{4})$/.exec(name)?.[1]))
    .filter((year) => year > 0)
    .sort();
}

/** Partitions of a county that have a folder in this part of the lake, sales before the parcels. */
export const partitionsIn = (
  lake: string,
  part: 'staged' | 'rejected' | 'snapshots',
  county: County,
): Partition[] =>
  DATASETS.flatMap((dataset) =>
    yearsIn(join(lake, part, ROLLS[dataset].table, `county=${county.slug}`)).map((year) => ({
      dataset,
      county,
      year,
    })),
  );
