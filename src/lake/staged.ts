/** Which partitions of a county are staged. */

import { join } from 'node:path';
import { type County, DATASETS, type Partition, TABLES } from '../model.ts';
import { readStaged } from './manifest.ts';
import { yearsIn } from './paths.ts';

/** Partitions that have a folder, whatever is in it; sales before the parcels. */
export const stagedFolders = (lake: string, county: County): Partition[] =>
  DATASETS.flatMap((dataset) =>
    yearsIn(join(lake, 'staged', TABLES[dataset], `county=${county.slug}`)).map((year) => ({
      dataset,
      county,
      year,
    })),
  );

/** Partitions whose rows count: those with a manifest that can be read. */
export const stagedPartitions = (lake: string, county: County): Partition[] =>
  stagedFolders(lake, county).filter((partition) => readStaged(lake, partition));
