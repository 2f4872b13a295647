/** Where everything lies. The lake is plain files: any Parquet tool can read it without us. */

import { join, resolve } from 'node:path';
import { type Dataset, type Partition, TABLES } from '../model.ts';

/** The project folder. */
export const ROOT = resolve(import.meta.dirname, '../..');
export const SQL = join(ROOT, 'sql');
export const REFERENCE = join(ROOT, 'data/reference');
export const SAMPLE = join(ROOT, 'data/sample');

/** The four folders that are the user's; DOR_DATA moves them all. */
export interface DataPaths {
  inbox: string;
  lake: string;
  target: string;
  reports: string;
}

export function dataPaths(root = process.env.DOR_DATA ?? join(ROOT, 'data')): DataPaths {
  const base = resolve(root);
  return {
    inbox: join(base, 'inbox'),
    lake: join(base, 'lake'),
    target: join(base, 'target'),
    reports: join(base, 'reports'),
  };
}

function partitionFolder(lake: string, area: string, partition: Partition): string {
  const { dataset, county, year } = partition;
  return join(lake, area, TABLES[dataset], `county=${county.slug}`, `year=${year}`);
}

/** Folder of a partition's staged Parquet file. */
export const stagedFolder = (lake: string, partition: Partition) =>
  partitionFolder(lake, 'staged', partition);
/** Folder of a partition's dead letters. */
export const rejectedFolder = (lake: string, partition: Partition) =>
  partitionFolder(lake, 'rejected', partition);
/** What a target holds of a partition: key and row hash. */
export const publishedFolder = (lake: string, target: string, partition: Partition) =>
  partitionFolder(join(lake, 'published', target), '', partition);
/** Folder with the manifests of all runs. */
export const runsFolder = (lake: string) => join(lake, 'runs');
/** Scratch space of one run, removed at its end. */
export const scratchFolder = (lake: string, run: string) => join(lake, 'tmp', run);
/** SQL files of one step and dataset. */
export const sqlFolder = (step: string, dataset?: Dataset) =>
  dataset ? join(SQL, step, dataset) : join(SQL, step);
