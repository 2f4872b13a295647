/** `dor drift`: what others have inserted, changed or deleted since the last publication, and the way back. */

import { DorError } from '../errors.ts';
import { hasWork, type Plan } from '../lake/plans.ts';
import { readSnapshot } from '../lake/snapshots.ts';
import type { County, Partition, Publication } from '../model.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { type PublishingOptions, withCounty } from './county.ts';
import { toldTo } from './countyPlan.ts';
import { type Publishing, readCurrent } from './currentState.ts';
import { GUARDS } from './guards.ts';
import { publishedYears, readPublications } from './publicationLog.ts';
import { type AppliedPart, type DesiredState, makePlan, planAndApply } from './publish.ts';

export interface Drift {
  /** What a repair changes; null when no partition could be looked at row by row. */
  plan: Plan | null;
  /** Partitions whose rows could not be compared, and what is known all the same. */
  unknown: string[];
  applied: AppliedPart[] | null;
}

/** Compares each published partition of a county with the snapshot of its newest publication, by key, hash and content. */
export async function findDrift(
  county: County,
  year: number | undefined,
  repair: boolean,
  options: PublishingOptions,
): Promise<Drift> {
  return withCounty(county, repair, options, async (publishing) => {
    const published = await newestPublications(publishing, county, year);
    if (published.length === 0) {
      throw new DorError(
        `The publication log of ${publishing.target.label} has no publication of ${county.name}${year ? ` ${year}` : ''}: there is nothing to compare`,
        'check the target; dor ingest publishes',
      );
    }
    const states: DesiredState[] = [];
    const unknown: string[] = [];
    for (const { partition, publication } of published) {
      const wanted = readSnapshot(publishing.lake, partition, publication.run);
      if (wanted?.revision.checksum === publication.checksum)
        states.push({ partition, wanted, everyRow: true, over: publication });
      else unknown.push(await compareSums(publishing, partition, publication));
    }
    const allow = new Set(GUARDS.map(({ guard }) => guard));
    if (states.length === 0) return { plan: null, unknown, applied: null };
    const request = { kind: 'repair', county, states, allow, timer: toldTo(options.progress) } as const;
    if (!repair) return { plan: await makePlan(publishing, request), unknown, applied: null };
    const { plan, applied } = await planAndApply(publishing, request);
    return { plan, unknown, applied: plan.parts.some(hasWork) ? applied : null };
  });
}

async function newestPublications(
  { target }: Publishing,
  county: County,
  year: number | undefined,
): Promise<{ partition: Partition; publication: Publication }[]> {
  const found = [];
  for (const dataset of DATASETS) {
    for (const one of await publishedYears(target, { dataset, county })) {
      if (year !== undefined && one !== year) continue;
      const partition = { dataset, county, year: one };
      const [publication] = await readPublications(target, partition);
      if (publication) found.push({ partition, publication });
    }
  }
  return found;
}

/** Without a snapshot only count and checksum of the stored hashes can be compared with the publication log. */
async function compareSums(
  publishing: Publishing,
  partition: Partition,
  { run, rows, checksum }: Publication,
): Promise<string> {
  await readCurrent(publishing, partition, true);
  const held = await publishing.engine.row(
    'select count(*)::varchar as n, coalesce(sum(row_hash), 0)::varchar as checksum from current_state',
  );
  const same = held.n === String(rows) && held.checksum === checksum;
  const name = `${ROLLS[partition.dataset].table} ${partition.county.slug} ${partition.year}`;
  return same
    ? `${name}: this lake has no snapshot of run ${run}, so rows could NOT be compared; count and checksum are those of the publication log`
    : `${name}: this lake has no snapshot of run ${run}, so rows could NOT be named; ${held.n} rows with checksum ${held.checksum}, the publication log has ${rows} with ${checksum}`;
}
