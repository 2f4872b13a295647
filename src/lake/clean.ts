/** clean: snapshots and plans that the retention setting gives up, and what killed processes left. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DorError, EXIT } from '../errors.ts';
import type { County, Partition } from '../model.ts';
import { counties } from '../reference.ts';
import { takeLock } from './lock.ts';
import { readStaged } from './manifest.ts';
import { lockFile, partitionsIn, plansFolder, runsFolder, snapshotsFolder } from './paths.ts';
import { listPlans } from './plans.ts';
import { readRecord, recordedTargets } from './published.ts';
import { removeLeftovers, removeUnnamed } from './scratch.ts';

export interface Cleaned {
  /** Paths that were removed, or would be. */
  removed: string[];
  /** Bytes that no other name keeps. */
  bytes: number;
}

/** A target that can be asked what was published to it. */
export interface AskedLog {
  /** Its id. */
  target: string;
  /** Runs of its publication log, newest first. */
  runs(partition: Partition): Promise<string[]>;
}

const KEEP = 10;

/** Former publications of each partition, and plans of each county, to keep: DOR_KEEP, else 10. */
export const keptByDefault = () => Number(process.env.DOR_KEEP || KEEP);

/** @throws DorError when it is no count. */
export function refuseNoCount(keep: number): void {
  if (Number.isInteger(keep) && keep >= 0) return;
  throw new DorError(`${keep} publications cannot be kept`, 'give a whole number, 0 or more', EXIT.usage);
}

/**
 * Keeps, of each partition, what is staged, what each target holds, and the newest `keep` publications before that; of
 * each county the newest `keep` plans. Newest is by the order of publishing, which a clock cannot turn round.
 * @param logs of the targets that are at hand. For others the lake's record stands, and what neither knows is kept.
 */
export async function clean(lake: string, keep: number, dryRun: boolean, logs: AskedLog[]): Promise<Cleaned> {
  const cleaned: Cleaned = { removed: [], bytes: 0 };
  const remove = (path: string) => {
    cleaned.removed.push(path);
    cleaned.bytes += sizeOf(path);
    if (!dryRun) rmSync(path, { recursive: true, force: true });
  };
  for (const county of counties()) {
    const partitions = partitionsIn(lake, 'snapshots', county);
    if (plansOf(lake, county).length + partitions.length === 0) continue;
    const unlock = await takeLock(lockFile(lake, county.slug), county.name);
    try {
      for (const partition of partitions)
        (await surplusSnapshots(lake, partition, keep, logs)).forEach(remove);
      surplusPlans(lake, county, keep).forEach(remove);
    } finally {
      unlock();
    }
  }
  if (!dryRun) {
    removeLeftovers(lake);
    removeUnnamed(runsFolder(lake));
  }
  return cleaned;
}

/** The same for one partition, after it was published; the caller holds its county. */
export async function cleanPartition(lake: string, partition: Partition, log: AskedLog): Promise<void> {
  const keep = keptByDefault();
  refuseNoCount(keep);
  const surplus = await surplusSnapshots(lake, partition, keep, [log]);
  for (const path of [...surplus, ...surplusPlans(lake, partition.county, keep)])
    rmSync(path, { recursive: true, force: true });
}

const plansOf = (lake: string, county: County) =>
  listPlans(lake).filter((id) => id.replace(/^\w+-|-\w+$/g, '') === county.slug);

const surplusPlans = (lake: string, county: County, keep: number) =>
  plansOf(lake, county)
    .reverse()
    .slice(keep)
    .map((id) => join(plansFolder(lake), id));

async function surplusSnapshots(
  lake: string,
  partition: Partition,
  keep: number,
  logs: AskedLog[],
): Promise<string[]> {
  const kept = new Set([readStaged(lake, partition)?.run]);
  const known = new Set<string>();
  let everybodyTold = logs.length > 0;
  const hear = (runs: string[]) => {
    const [holds, ...former] = new Set(runs);
    for (const run of [holds, ...former.slice(0, keep)]) kept.add(run);
    for (const run of runs) known.add(run);
  };
  for (const log of logs) hear(await log.runs(partition));
  for (const target of recordedTargets(lake, partition)) {
    const record = readRecord(lake, target, partition);
    const asked = logs.some((log) => log.target === target);
    if (!record && !asked) return [];
    if (record) hear([record.run, ...record.former]);
    everybodyTold &&= asked;
  }
  const folder = snapshotsFolder(lake, partition);
  return foldersIn(folder)
    .filter((run) => !kept.has(run) && (everybodyTold || known.has(run)))
    .map((run) => join(folder, run));
}

const foldersIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** A file with a second name stays on disk under it. */
function sizeOf(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.nlink > 1 ? 0 : facts.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
