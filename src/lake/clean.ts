/** clean: snapshots and plans that the retention setting gives up, and what killed processes left. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type County, DATASETS, type Partition, TABLES } from '../model.ts';
import { counties } from '../reference.ts';
import { takeLock } from './lock.ts';
import { readStaged } from './manifest.ts';
import { lockFile, plansFolder, snapshotsFolder, yearsIn } from './paths.ts';
import { listPlans } from './plans.ts';
import { readRecord } from './published.ts';
import { removeLeftovers } from './scratch.ts';

export interface Cleaned {
  /** Paths that were removed, or would be. */
  removed: string[];
  /** Bytes that no other name keeps. */
  bytes: number;
}

/**
 * Keeps, of each partition, what is staged, what each target holds, and the newest `keep` publications before that; of
 * each county the newest `keep` plans. Newest is by the order of publishing, which a clock cannot turn round.
 */
export async function clean(lake: string, keep: number, dryRun: boolean): Promise<Cleaned> {
  const cleaned: Cleaned = { removed: [], bytes: 0 };
  const remove = (path: string) => {
    cleaned.removed.push(path);
    cleaned.bytes += sizeOf(path);
    if (!dryRun) rmSync(path, { recursive: true, force: true });
  };
  for (const county of counties()) {
    const plans = listPlans(lake).filter((id) => id.replace(/^\w+-|-\w+$/g, '') === county.slug);
    const partitions = snapshotPartitions(lake, county);
    if (plans.length + partitions.length === 0) continue;
    const unlock = await takeLock(lockFile(lake, county.slug), county.name);
    try {
      for (const partition of partitions) surplusSnapshots(lake, partition, keep).forEach(remove);
      for (const id of plans.slice(0, Math.max(0, plans.length - keep))) remove(join(plansFolder(lake), id));
    } finally {
      unlock();
    }
  }
  if (!dryRun) removeLeftovers(lake);
  return cleaned;
}

function surplusSnapshots(lake: string, partition: Partition, keep: number): string[] {
  const kept = new Set([readStaged(lake, partition)?.run]);
  for (const target of foldersIn(join(lake, 'published'))) {
    const record = readRecord(lake, target, partition);
    if (record) for (const run of [record.run, ...record.former.slice(0, keep)]) kept.add(run);
  }
  const folder = snapshotsFolder(lake, partition);
  return foldersIn(folder)
    .filter((run) => !kept.has(run))
    .map((run) => join(folder, run));
}

function snapshotPartitions(lake: string, county: County): Partition[] {
  return DATASETS.flatMap((dataset) =>
    yearsIn(join(lake, 'snapshots', TABLES[dataset], `county=${county.slug}`)).map((year) => ({
      dataset,
      county,
      year,
    })),
  );
}

const foldersIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** A file with a second name stays on disk under it. */
function sizeOf(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.nlink > 1 ? 0 : facts.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
