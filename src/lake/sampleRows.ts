/** The bundled sample in the lake: it may stand in for a county's rolls, never beside them. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { County, Partition } from '../model.ts';
import { readStaged } from './manifest.ts';
import { MEDIANS, partitionsIn, rejectedFolder, stagedFolder, tableFolder } from './paths.ts';

/** Staged partitions of a county, of the sample or of real files. */
export const stagedOf = (lake: string, county: County, sample: boolean): Partition[] =>
  partitionsIn(lake, 'staged', county).filter((one) => readStaged(lake, one)?.source.sample === sample);

/**
 * Takes a county's sample rows out of the lake and returns what it took. The manifest goes last: a removal that was
 * killed is found and ended by the next.
 */
export function removeSample(lake: string, county: County): Partition[] {
  const removed = stagedOf(lake, county, true);
  for (const partition of removed) {
    const staged = stagedFolder(lake, partition);
    rmSync(rejectedFolder(lake, partition), { recursive: true, force: true });
    if (partition.dataset === 'nal')
      rmSync(tableFolder(lake, MEDIANS, partition), { recursive: true, force: true });
    for (const name of existsSync(staged) ? readdirSync(staged) : [])
      if (name !== 'manifest.json') rmSync(join(staged, name), { recursive: true, force: true });
    rmSync(staged, { recursive: true, force: true });
  }
  return removed;
}
