/** `dor plan`, `apply`, `rollback` and `drift`: a county's partitions, one plan. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from '../engine.ts';
import { DorError } from '../errors.ts';
import { takeLock } from '../lake/lock.ts';
import { readStaged } from '../lake/manifest.ts';
import { type DataPaths, lockFile } from '../lake/paths.ts';
import {
  hasWork,
  keepPlan,
  openPlan,
  type Plan,
  type PlanKind,
  type PlanPart,
  partitionOf,
} from '../lake/plans.ts';
import { openScratch } from '../lake/scratch.ts';
import { readSnapshot, type Snapshot } from '../lake/snapshots.ts';
import { stagedPartitions } from '../lake/staged.ts';
import { describeStaleSales } from '../lake/staleSales.ts';
import { type County, type Partition, TABLES } from '../model.ts';
import { createTimer, stagedFiles } from '../pipeline.ts';
import type { Progress } from '../progress.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { type Base, openBase, type Publishing } from '../steps/base.ts';
import { type GuardName, passGuards } from '../steps/guards.ts';
import { readLedger } from '../steps/ledger.ts';
import { planPart } from '../steps/plan.ts';
import { apply as applyPart } from '../steps/publish.ts';
import { recover } from '../steps/recover.ts';
import { readStagedRun } from '../steps/stage.ts';
import { verifyFiles } from '../steps/verifyContent.ts';
import { finishPublished, openPublished, type TargetChoice } from '../target/published.ts';
import { retryLost } from '../target/retry.ts';
import { stagedContent } from './staged.ts';

/** Rows stream through; what is kept in memory are keys and hashes. */
const MEMORY_MB = 384;

export interface PublishingOptions extends TargetChoice {
  paths: DataPaths;
  progress: Progress;
  /** Columns whose values no sample shows; without it those of DOR_REDACT. */
  redact?: string[];
}

/** A content that a partition is to have. */
export interface Wish {
  partition: Partition;
  wanted: Snapshot;
  /** Look at every row of the target instead of believing the lake's record. */
  everyRow?: boolean;
  /** Looks at what the target holds before the change set is made; may throw, or know a cheaper base that is the same. */
  check?: (base: Base) => Promise<Base>;
}

/**
 * Opens engine and target while no other process works on the county.
 * @param write whether the target may be written to: it is then migrated first.
 */
export async function withCounty<T>(
  county: County,
  write: boolean,
  options: PublishingOptions,
  work: (publishing: Publishing) => Promise<T>,
): Promise<T> {
  const { lake, target: folder } = options.paths;
  const say = (line: string) => options.progress.say(line);
  const unlock = await takeLock(lockFile(lake, county.slug), county.name);
  try {
    const scratch = openScratch(lake);
    return await withEngine(scratch, MEMORY_MB, async (engine) => {
      const target = await openPublished(options, folder, write, say);
      try {
        const redact = options.redact ?? parseRedact([]);
        const result = await work({ engine, target, lake, scratch, say, redact });
        if (write) await finishPublished(target, say);
        return result;
      } finally {
        await target.close();
      }
    });
  } finally {
    unlock();
  }
}

/** Plans everything that is staged of a county. @throws DorError when nothing is. */
export async function planCounty(
  county: County,
  year: number | undefined,
  allow: ReadonlySet<GuardName>,
  options: PublishingOptions,
): Promise<Plan> {
  return withCounty(county, false, options, async (publishing) => {
    const partitions = stagedPartitions(options.paths.lake, county).filter(
      (one) => year === undefined || one.year === year,
    );
    if (partitions.length === 0) {
      throw new DorError(
        `Nothing of ${county.name}${year ? ` ${year}` : ''} is staged: there is nothing to compare with the target`,
        `stage it first: dor ingest ${county.slug} --no-push`,
      );
    }
    const wishes: Wish[] = [];
    for (const partition of partitions) {
      const stale = partition.dataset === 'nal' && describeStaleSales(options.paths.lake, partition);
      if (stale) publishing.say(`${TABLES.nal} ${county.slug} ${partition.year}: ${stale}`);
      wishes.push({ partition, wanted: await stagedContent(publishing, partition) });
    }
    return makePlan(publishing, 'publish', county, wishes, allow);
  });
}

/** Plans wishes, each against what the target holds, and keeps the plan in the lake. */
export async function makePlan(
  publishing: Publishing,
  kind: PlanKind,
  county: County,
  wishes: Wish[],
  allow: ReadonlySet<GuardName>,
): Promise<Plan> {
  const { target, scratch, lake, say } = publishing;
  const folder = join(scratch, 'plan');
  mkdirSync(folder);
  const parts: PlanPart[] = [];
  for (const { partition, wanted, everyRow, check } of wishes) {
    const read = await openBase(publishing, partition, everyRow);
    const base = check ? await check(read) : read;
    if (base.readBack)
      say(
        `${TABLES[partition.dataset]} ${partition.year} was read back from ${target.label}: ${base.readBack}`,
      );
    const part = await planPart(publishing, partition, base, wanted, folder, allow);
    await recover(publishing, partition, base, part, { wanted, folder });
    parts.push(part);
  }
  const { id, label, schema } = target;
  return keepPlan(lake, folder, { kind, county: county.slug, target: { id, label, schema }, parts });
}

/** What an apply did with one part. */
export interface AppliedPart {
  part: PlanPart;
  outcome: 'applied' | 'nothing to do' | 'already applied';
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
  return withCounty(findCounty(plan.county), true, options, (publishing) =>
    applyParts(publishing, plan, allow, options.progress),
  );
}

/** Applies the parts of a plan that is known to be whole. What was applied already is left alone. */
export async function applyParts(
  publishing: Publishing,
  plan: Plan,
  allow: ReadonlySet<GuardName>,
  progress: Progress,
): Promise<AppliedPart[]> {
  const { target, lake } = publishing;
  if (plan.target.id !== target.id || plan.target.schema !== target.schema) {
    throw new DorError(
      `The plan ${plan.id} was made for ${plan.target.label} (schema ${plan.target.schema}), the target is ${target.label} (${target.schema})`,
      'name that target, or make a plan for this one',
    );
  }
  const found: AppliedPart[] = [];
  for (const part of plan.parts) found.push({ part, outcome: await outlook(publishing, plan, part) });
  for (const { part, outcome } of found) if (outcome === 'applied') passGuards(part, allow);
  for (const { part, outcome } of found) {
    if (outcome !== 'applied') continue;
    const snapshot = readSnapshot(lake, partitionOf(part), part.to.run);
    if (!snapshot) throw lost(part);
    verifyFiles(partitionOf(part), snapshot, true);
    const timed = createTimer(progress, { ...part, timings: [] });
    // A commit whose answer was lost stands in the ledger when it is looked for again.
    await retryLost(async () => {
      if ((await outlook(publishing, plan, part)) === 'applied')
        await applyPart(publishing, plan, part, snapshot.mediansPath, timed, allow);
    }, publishing.say);
  }
  return found;
}

/** What is to be done with a part. @throws DorError when what it was made from has moved. */
async function outlook(
  { target, lake, engine }: Publishing,
  plan: Plan,
  part: PlanPart,
): Promise<AppliedPart['outcome']> {
  if (!hasWork(part)) return 'nothing to do';
  const partition = partitionOf(part);
  const [newest] = await readLedger(target, partition);
  if (
    newest &&
    newest.id !== part.from?.id &&
    newest.run === part.to.run &&
    newest.checksum === part.to.checksum
  )
    return 'already applied';
  if (plan.kind === 'publish') {
    const staged = readStaged(lake, partition);
    const { path } = stagedFiles(lake, partition);
    const run = await readStagedRun(engine, path);
    if (staged?.run !== part.to.run || run !== part.to.run) {
      throw new DorError(
        `The staged rows have moved: the plan ${plan.id} was made from run ${part.to.run}, ${part.table} ${part.county} ${part.year} holds run ${run ?? 'nothing'} now; nothing was published`,
        `make a new plan: dor plan ${part.county}`,
      );
    }
  }
  return 'applied';
}

function lost(part: PlanPart): DorError {
  return new DorError(
    `The lake has lost the snapshot of run ${part.to.run} of ${part.table} ${part.county} ${part.year}`,
    'ingest the file again, then make a new plan',
  );
}
