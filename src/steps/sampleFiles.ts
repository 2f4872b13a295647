/** The bundled sample among the files of a run: said, and left out where its county has real rows. */

import { DorError } from '../errors.ts';
import { stagedOf } from '../lake/sampleRows.ts';
import { displayName } from '../source/candidate.ts';
import type { Selected } from './scan.ts';

/** @throws DorError when all that there is are files of the sample, and their counties have real rows. */
export function withoutSample(all: Selected[], lake: string, notes: string[]): Selected[] {
  const isReal = ({ source }: Selected) => !source.sample;
  const isAlone = ({ partition: { county } }: Selected) =>
    stagedOf(lake, county, false).length === 0 &&
    !all.some((one) => isReal(one) && one.partition.county.no === county.no);
  const kept = all.filter((one) => isReal(one) || isAlone(one));
  const left = all.filter((one) => !kept.includes(one));
  if (left.length > 0 && kept.length === 0) {
    const { candidate, partition } = left[0]!;
    throw new DorError(
      `${displayName(candidate)} is the bundled sample; the real rows of ${partition.county.name} stay as they are, and the sample does not replace them`,
      "put the county's files into the inbox, or name them with --source",
    );
  }
  for (const { candidate, partition } of left)
    notes.push(
      `${displayName(candidate)} is left out: it is the bundled sample, and ${partition.county.name} has real rows`,
    );
  for (const { candidate } of kept.filter((one) => !isReal(one)))
    notes.push(
      `*** ${displayName(candidate)}: this is the BUNDLED SAMPLE, generated rows and no real parcels ***`,
    );
  return kept;
}
