/** Staged files that are not what was written: named, whoever meets them. An ingest stages such rows again. */

import { existsSync } from 'node:fs';
import type { Partition } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { damageOf, type Look } from './fileSeal.ts';
import { readStaged, stagedManifest } from './manifest.ts';
import { stagedFiles } from './staged.ts';

export interface Damage {
  path: string;
  what: string;
}

/** What is wrong with the files of a partition's staged rows; null when nothing is, or nothing is staged. */
export function stagedDamage(lake: string, partition: Partition, look: Look): Damage | null {
  const { path, mediansPath, seals } = stagedFiles(lake, partition);
  if (!readStaged(lake, partition)?.staged) {
    const manifest = stagedManifest(lake, partition);
    if (existsSync(manifest)) return { path: manifest, what: 'it is damaged, so its rows do not count' };
    return existsSync(path) ? { path: manifest, what: 'it is gone, so its rows do not count' } : null;
  }
  const files = [{ path, seal: seals?.data }];
  if (mediansPath) files.push({ path: mediansPath, seal: seals?.medians ?? undefined });
  for (const { path, seal } of files) {
    const what = damageOf(path, seal, look);
    if (what) return { path, what };
  }
  return null;
}

/** What people are told of it. */
export const describeDamage = ({ path, what }: Damage, { dataset, county, year }: Partition): string =>
  `${ROLLS[dataset].table} ${county.slug} ${year} is DAMAGED: ${path} is not what was written, ${what} (dor ingest ${county.slug} stages it again)`;
