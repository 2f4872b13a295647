/** Parcels carry their latest sales: what a guard holds back from the sales does not come by that way. */

import { DorError } from '../errors.ts';
import type { Partition } from '../model.ts';
import type { Publishing } from './currentState.ts';
import { readPublications } from './publicationLog.ts';

/** @param salesChecksum of the sales that the parcels were enriched with. @throws DorError when they are not published. */
export async function refuseHeldSales(
  { target }: Pick<Publishing, 'target'>,
  { dataset, county, year }: Partition,
  salesChecksum: string | null,
): Promise<void> {
  if (dataset !== 'nal' || salesChecksum === null) return;
  const [published] = await readPublications(target, { dataset: 'sdf', county, year });
  if (published?.checksum === salesChecksum) return;
  throw new DorError(
    `The staged sales of ${county.name} ${year} are not published, and the parcels' latest sales are taken from them; the parcels were not published either`,
    `publish the sales first: dor plan ${county.slug} says what holds them back, dor ingest ${county.slug} what lets them pass`,
  );
}
