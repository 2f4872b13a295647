/** Staged files that are not what was written: named, whoever meets them. An ingest stages such rows again. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Partition, TABLES } from '../model.ts';
import { damageOf, type Look } from './fileSeal.ts';
import { readStaged } from './manifest.ts';
import { MEDIANS, stagedFolder, tableFolder } from './paths.ts';

export interface Damage {
  path: string;
  what: string;
}

/** What is wrong with the files of a partition's staged rows; null when nothing is, or nothing is staged. */
export function stagedDamage(lake: string, partition: Partition, look: Look): Damage | null {
  const folder = stagedFolder(lake, partition);
  const data = join(folder, 'data.parquet');
  const staged = readStaged(lake, partition)?.staged;
  if (!staged) {
    const manifest = join(folder, 'manifest.json');
    if (existsSync(manifest)) return { path: manifest, what: 'it is damaged, so its rows do not count' };
    return existsSync(data) ? { path: manifest, what: 'it is gone, so its rows do not count' } : null;
  }
  const files = [{ path: data, seal: staged.seals?.data }];
  const medians = { path: join(tableFolder(lake, MEDIANS, partition), 'data.parquet') };
  if (partition.dataset === 'nal') files.push({ ...medians, seal: staged.seals?.medians ?? undefined });
  for (const { path, seal } of files) {
    const what = damageOf(path, seal, look);
    if (what) return { path, what };
  }
  return null;
}

/** What people are told of it. */
export const describeDamage = ({ path, what }: Damage, { dataset, county, year }: Partition): string =>
  `${TABLES[dataset]} ${county.slug} ${year} is DAMAGED: ${path} is not what was written, ${what} (dor ingest ${county.slug} stages it again)`;
