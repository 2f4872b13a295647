/** plan → apply: the one way in which partitions come to hold what they are to hold. Ingest, apply, rollback and repair take it. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { cleanPartition } from '../lake/clean.ts';
import { plansFolder } from '../lake/paths.ts';
import {
  closePlan,
  hasWork,
  keepPlan,
  type Plan,
  type PlanKind,
  type PlanPart,
  partitionOf,
} from '../lake/plans.ts';
import { readSnapshot, type Snapshot } from '../lake/snapshots.ts';
import type { County, Partition, Publication } from '../model.ts';
import { ROLLS } from '../rolls.ts';
import { analyzeTable } from '../target/indexes.ts';
import { retryLost } from '../target/retry.ts';
import type { Timed } from '../timer.ts';
import { type CurrentState, type Publishing, readCurrent } from './currentState.ts';
import { type GuardName, passGuards } from './guards.ts';
import { planPart } from './planPart.ts';
import { readPublications } from './publicationLog.ts';
import { type Pushed, push, recordPublication, TargetMoved } from './push.ts';
import { recover } from './recover.ts';
import { verifyFiles } from './verifyContent.ts';

/** Plans that a target may outrun: another machine publishes the county at the same time, or rows were changed by hand. */
const TRIES = 4;

/** What a partition is to hold. */
export interface DesiredState {
  partition: Partition;
  wanted: Snapshot;
  /** Look at every row of the target instead of believing the lake's record. */
  everyRow?: boolean;
  /** The publication that it is to take the place of: a newer one, of whoever, is left alone. */
  over?: Publication;
  /** Looks at what the target holds before the change set is made; may throw, or know a cheaper way to the same. */
  check?: (current: CurrentState) => Promise<CurrentState>;
}

export interface PlanRequest {
  kind: PlanKind;
  county: County;
  states: DesiredState[];
  allow: ReadonlySet<GuardName>;
  /** The timer of a partition's steps. */
  timer: (partition: Pick<PlanPart, 'county' | 'dataset' | 'year'>) => Timed;
  /** Leave lake and target as they are: the plan is not kept. */
  dryRun?: boolean;
  /** Sees a plan before its guards may stop it. */
  planned?: (plan: Plan) => void;
}

/** What an apply did with one part. */
export interface AppliedPart {
  part: PlanPart;
  outcome: 'applied' | 'nothing to do' | 'already applied';
}

/**
 * Plans and applies; what the target was changed under is read back, planned again and applied. The plan that is returned
 * has every part as it was applied.
 * @throws DorError when a guard is closed, or the target moves faster than plans are made.
 */
export async function planAndApply(
  publishing: Publishing,
  request: PlanRequest,
): Promise<{ plan: Plan; applied: AppliedPart[] }> {
  const { say } = publishing;
  const applied: AppliedPart[] = [];
  let { states } = request;
  for (let tries = 1; ; tries++) {
    const plan = await retryLost(() => makePlan(publishing, { ...request, states }), say);
    const before = applied.length;
    try {
      for await (const part of applyParts(publishing, plan, request)) applied.push(part);
      return { plan: { ...plan, parts: applied.map(({ part }) => part) }, applied };
    } catch (error) {
      if (!(error instanceof TargetMoved) || tries >= TRIES) throw error;
      say(
        `${error.message}\n  its keys, hashes and contents are read back, and the difference is pushed again`,
      );
      states = states.slice(applied.length - before).map((state) => ({ ...state, everyRow: true }));
    }
  }
}

/** Plans each state against what the target holds and keeps the plan in the lake. */
export async function makePlan(publishing: Publishing, request: PlanRequest): Promise<Plan> {
  const { target, scratch, lake, say } = publishing;
  const { kind, county, states, allow, timer, dryRun } = request;
  const folder = join(scratch, 'plan');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const parts: PlanPart[] = [];
  for (const { partition, wanted, everyRow, over, check } of states)
    parts.push(
      await timer({ ...partition, county: county.slug })('plan', async () => {
        const read = await readCurrent(publishing, partition, everyRow);
        if (over && read.publication?.id !== over.id) throw publishedSince(publishing, partition, over);
        const current = check ? await check(read) : read;
        if (current.readBack)
          say(
            `${ROLLS[partition.dataset].table} ${partition.year} was read back from ${target.label}: ${current.readBack}`,
          );
        const comparison = { partition, current, wanted, folder };
        const part = await planPart(publishing, comparison, allow);
        if (!dryRun) await recover(publishing, comparison, part);
        return part;
      }),
    );
  const { id, label, schema } = target;
  const made = { kind, county: county.slug, target: { id, label, schema }, parts };
  const plan = dryRun ? closePlan(made) : keepPlan(lake, folder, made);
  request.planned?.(plan);
  return plan;
}

/**
 * Applies the parts of a plan that is known to be whole, one transaction each. What was applied already is left alone.
 * @throws TargetMoved when the target is not what the plan was made for; DorError when a guard is closed.
 */
export async function* applyParts(
  publishing: Publishing,
  plan: Plan,
  { allow, timer }: Pick<PlanRequest, 'allow' | 'timer'>,
): AsyncGenerator<AppliedPart> {
  const found: AppliedPart[] = [];
  for (const part of plan.parts)
    found.push({ part, outcome: await retryLost(() => outcomeOf(publishing, part), publishing.say) });
  for (const { part, outcome } of found) if (outcome === 'applied') passGuards(part, allow);
  for (const { part, outcome } of found) {
    if (outcome === 'applied') await applyPart(publishing, plan, part, { timed: timer(part), allow });
    yield { part, outcome };
  }
}

/** What is to be done with a part, and what was done when it is asked for afterwards. */
export async function outcomeOf({ target }: Publishing, part: PlanPart): Promise<AppliedPart['outcome']> {
  if (!hasWork(part)) return 'nothing to do';
  const [newest] = await readPublications(target, partitionOf(part));
  return isOf(part, newest) ? 'already applied' : 'applied';
}

async function applyPart(
  publishing: Publishing,
  { id, kind }: Pick<Plan, 'id' | 'kind'>,
  part: PlanPart,
  { timed, allow }: { timed: Timed; allow: ReadonlySet<GuardName> },
): Promise<void> {
  const snapshot = snapshotOf(publishing, part);
  // What was staged just now was proven when it was planned; a former publication may have lain here for years.
  verifyFiles(partitionOf(part), snapshot, kind !== 'publish');
  const { mediansPath } = snapshot;
  const folder = join(plansFolder(publishing.lake), id);
  // A commit whose answer was lost stands in the publication log when it is looked for again.
  const pushed = await timed('push', () =>
    retryLost(
      async () =>
        (await pushedBefore(publishing, part)) ??
        push(publishing, { kind, part, folder, mediansPath, allow }),
      publishing.say,
    ),
  );
  await timed('record', async () => recordPublication(publishing, part, pushed));
  await tidy(publishing, part, pushed);
}

/** What the publication log says of a part that was pushed; null when it was not. */
async function pushedBefore({ target }: Publishing, part: PlanPart): Promise<Pushed | null> {
  const log = await readPublications(target, partitionOf(part));
  return isOf(part, log[0]) ? { id: log[0]!.id, log: log.map(({ run }) => run) } : null;
}

/** Whether a publication is what a part came to. */
const isOf = (part: PlanPart, newest: Publication | undefined): boolean =>
  newest !== undefined &&
  newest.id !== part.from?.id &&
  newest.run === part.to.run &&
  newest.checksum === part.to.checksum;

function publishedSince({ target }: Publishing, { dataset, county, year }: Partition, over: Publication) {
  return new DorError(
    `The target ${target.label} has moved: ${ROLLS[dataset].table} ${county.slug} ${year} no longer holds run ${over.run} (publication ${over.id}), because somebody published meanwhile; its rows were left alone`,
    'look at it with dor status and dor drift, then run the command again if it is still wanted',
  );
}

/** The rows that a part brings. @throws DorError when the lake has lost them. */
export function snapshotOf({ lake }: Pick<Publishing, 'lake'>, part: PlanPart): Snapshot {
  const snapshot = readSnapshot(lake, partitionOf(part), part.to.run);
  if (snapshot) return snapshot;
  throw new DorError(
    `The lake has lost the snapshot of run ${part.to.run} of ${part.table} ${part.county} ${part.year}`,
    'ingest the file again, then make a new plan',
  );
}

/** Share of a partition from which on the planner is told. Autovacuum comes when it comes, and counts whole tables. */
const MUCH = 0.05;

/** What is published stays published, whatever hinders this. */
async function tidy({ lake, target, say }: Publishing, part: PlanPart, { log }: Pushed): Promise<void> {
  const { insert, update, delete: gone } = part.changes;
  try {
    if (insert + update + gone > MUCH * part.to.rows) await analyzeTable(target, part.table);
  } catch (error) {
    say(`${part.table} was not analyzed: ${(error as Error).message}`);
  }
  try {
    await cleanPartition(lake, partitionOf(part), { target: target.id, runs: async () => log });
  } catch (error) {
    say(`former snapshots are left for dor clean: ${(error as Error).message}`);
  }
}
