/** `dor plan` and `dor apply`: what is staged of a county as a plan that can be looked at first. */

import { DorError } from '../errors.ts';
import { readStaged } from '../lake/manifest.ts';
import { openPlan, type Plan, type PlanPart, partitionOf } from '../lake/plans.ts';
import { readStagedRun, stagedFile, stagedPartitions } from '../lake/staged.ts';
import { describeStaleSales } from '../lake/staleSales.ts';
import type { County } from '../model.ts';
import type { Progress } from '../progress.ts';
import { findCounty } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { createTimer } from '../timer.ts';
import { type PublishingOptions, withCounty } from './county.ts';
import type { Publishing } from './currentState.ts';
import type { GuardName } from './guards.ts';
import {
  type AppliedPart,
  applyParts,
  makePlan,
  outcomeOf,
  type PlanRequest,
  snapshotOf,
} from './publish.ts';
import { stagedContent } from './staged.ts';
import { verifyFiles } from './verifyContent.ts';

/** Steps are told; no run notes them. */
export const toldTo =
  (progress: Progress): PlanRequest['timer'] =>
  (partition) =>
    createTimer(progress, { ...partition, timings: [] });

/** Plans everything that is staged of a county. @throws DorError when nothing is. */
export async function planCounty(
  county: County,
  year: number | undefined,
  allow: ReadonlySet<GuardName>,
  options: PublishingOptions,
): Promise<Plan> {
  return withCounty(county, false, options, async (publishing) => {
    const partitions = stagedPartitions(publishing.lake, county).filter(
      (one) => year === undefined || one.year === year,
    );
    if (partitions.length === 0) {
      throw new DorError(
        `Nothing of ${county.name}${year ? ` ${year}` : ''} is staged: there is nothing to compare with the target`,
        `stage it first: dor ingest ${county.slug} --no-push`,
      );
    }
    const states = [];
    for (const partition of partitions) {
      const stale = partition.dataset === 'nal' && describeStaleSales(publishing.lake, partition);
      if (stale) publishing.say(`${ROLLS.nal.table} ${county.slug} ${partition.year}: ${stale}`);
      states.push({ partition, wanted: await stagedContent(publishing, partition) });
    }
    const timer = toldTo(options.progress);
    return makePlan(publishing, { kind: 'publish', county, states, allow, timer });
  });
}

/**
 * Publishes exactly what a plan says, one transaction a partition.
 * @throws DorError when the plan, the staged rows or the target have moved, or a guard is closed.
 */
export async function applyPlan(
  wanted: string,
  allow: ReadonlySet<GuardName>,
  options: PublishingOptions,
): Promise<AppliedPart[]> {
  const { plan } = openPlan(options.paths.lake, wanted);
  return withCounty(findCounty(plan.county), true, options, async (publishing) => {
    refuseOtherTarget(publishing, plan);
    for (const part of plan.parts) await refuseMoved(publishing, plan, part);
    const applied: AppliedPart[] = [];
    const timer = toldTo(options.progress);
    for await (const part of applyParts(publishing, plan, { allow, timer })) applied.push(part);
    return applied;
  });
}

function refuseOtherTarget({ target }: Publishing, plan: Plan): void {
  if (plan.target.id === target.id && plan.target.schema === target.schema) return;
  throw new DorError(
    `The plan ${plan.id} was made for ${plan.target.label} (schema ${plan.target.schema}), the target is ${target.label} (${target.schema})`,
    'name that target, or make a plan for this one',
  );
}

/** @throws DorError when the rows that a part brings are not what the plan was made from. */
async function refuseMoved(publishing: Publishing, plan: Plan, part: PlanPart): Promise<void> {
  if ((await outcomeOf(publishing, part)) !== 'applied') return;
  const { lake, engine } = publishing;
  const partition = partitionOf(part);
  if (plan.kind === 'publish') {
    const run = await readStagedRun(engine, stagedFile(lake, partition));
    if (readStaged(lake, partition)?.run !== part.to.run || run !== part.to.run)
      throw new DorError(
        `The staged rows have moved: the plan ${plan.id} was made from run ${part.to.run}, ${part.table} ${part.county} ${part.year} holds run ${run ?? 'nothing'} now; nothing was published`,
        `make a new plan: dor plan ${part.county}`,
      );
  }
  verifyFiles(partition, snapshotOf(publishing, part), true);
}
