/** Whether the staged parcels have their latest sales from the sales that are staged. */

import type { Partition } from '../model.ts';
import { readStaged } from './manifest.ts';

/** What people are told of parcels whose latest sales are not those of the staged sales roll; null when they are. */
export function describeStaleSales(
  lake: string,
  { county, year }: Omit<Partition, 'dataset'>,
): string | null {
  const parcels = readStaged(lake, { dataset: 'nal', county, year });
  if (!parcels?.staged) return null;
  const sales = readStaged(lake, { dataset: 'sdf', county, year });
  if (parcels.salesChecksum === (sales?.staged?.checksum ?? null)) return null;
  return `latest sales are STALE: not those of the sales roll that is staged now (dor ingest ${county.slug} brings them up to date)`;
}
