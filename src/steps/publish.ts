/** plan → push → record: a partition's staged rows brought to the target, as a part of `dor ingest`. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { cleanPartition } from '../lake/clean.ts';
import { plansFolder } from '../lake/paths.ts';
import { hasWork, keepPlan, type Plan, type PlanPart, partitionOf } from '../lake/plans.ts';
import { keepSnapshot, type Snapshot } from '../lake/snapshots.ts';
import type { Partition, Revision, RunManifest } from '../model.ts';
import type { Job } from '../pipeline.ts';
import { analyzeTable } from '../target/indexes.ts';
import { retryLost } from '../target/retry.ts';
import { openBase, type Publishing } from './base.ts';
import { type GuardName, passGuards } from './guards.ts';
import { readLedger } from './ledger.ts';
import { planPart } from './plan.ts';
import { type Pushed, push, recordPublication, TargetMoved } from './push.ts';
import { recover } from './recover.ts';
import { publishedOf } from './withdrawSample.ts';

/** Plans that a target may outrun: another machine publishes the county at the same time, or rows were changed by hand. */
const TRIES = 4;

/** What was staged, as a content that can be published. */
export interface StagedFiles {
  path: string;
  mediansPath: string | null;
  seals?: Snapshot['seals'];
}

/** Plans the staged rows against the target and applies the plan, unless the run is dry or pushes nothing. */
export async function publish(job: Job, revision: Revision, files: StagedFiles): Promise<void> {
  const { context } = job;
  if (!context.target) return;
  const { engine, lake, scratch, progress, redact } = context;
  const say = (line: string) => progress.say(line);
  const publishing = { engine, lake, scratch, say, redact, target: await context.target() };
  const { partition } = job.selected;
  if (!context.dryRun) await refuseHeldSales(publishing, partition, job.manifest.salesChecksum);
  const staged = { revision, ...files };
  const wanted = context.dryRun ? staged : keepSnapshot(lake, partition, staged);
  for (let tries = 1; ; tries++) {
    try {
      return await retryLost(() => bring(job, publishing, wanted, tries > 1), say);
    } catch (error) {
      if (!(error instanceof TargetMoved) || tries >= TRIES) throw error;
      say(
        `${error.message}\n  its keys, hashes and contents are read back, and the difference is pushed again`,
      );
    }
  }
}

/** Parcels carry their latest sales: what a guard holds back from the sales does not come by that way. */
async function refuseHeldSales(
  { target }: Publishing,
  { dataset, county, year }: Partition,
  salesChecksum: string | null,
): Promise<void> {
  if (dataset !== 'nal' || salesChecksum === null) return;
  const [published] = await readLedger(target, { dataset: 'sdf', county, year });
  if (published?.checksum === salesChecksum) return;
  throw new DorError(
    `The staged sales of ${county.name} ${year} are not published, and the parcels' latest sales are taken from them; the parcels were not published either`,
    `publish the sales first: dor plan ${county.slug} says what holds them back, dor ingest ${county.slug} what lets them pass`,
  );
}

async function bring(job: Job, publishing: Publishing, wanted: Snapshot, everyRow: boolean): Promise<void> {
  const { context, manifest, selected, timed } = job;
  const { partition } = selected;
  const { target, scratch, say } = publishing;
  const folder = join(scratch, `plan-${partition.dataset}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const part = await timed('plan', async () => {
    const base = await openBase(publishing, partition, everyRow);
    if (base.readBack) say(`${manifest.table} was read back from the target: ${base.readBack}`);
    const found = await planPart(publishing, partition, base, wanted, folder, context.allow);
    if (!context.dryRun) await recover(publishing, partition, base, found, { wanted, folder });
    return found;
  });
  manifest.target = target.label;
  manifest.changes = part.changes;
  const sampleStays =
    target.embedded && !part.to.sample && (await publishedOf(target, partition.county, true)).length > 0;
  if (!context.dryRun && (hasWork(part) || sampleStays)) {
    const { id, label, schema } = target;
    const plan = keepPlan(publishing.lake, folder, {
      kind: 'publish',
      county: partition.county.slug,
      target: { id, label, schema },
      parts: [part],
    });
    manifest.plan = plan.id;
    passGuards(part, context.allow);
    await apply(publishing, plan, part, wanted.mediansPath, timed, context.allow);
    manifest.status = 'published';
    return;
  }
  passGuards(part, context.allow);
  // This run's own commit, whose answer was lost on the way.
  if (part.from?.run === manifest.run) manifest.status = 'published';
}

/** Pushes one part of a plan and records it. The same for `dor ingest` and `dor apply`. */
export async function apply(
  publishing: Publishing,
  { id, kind }: Pick<Plan, 'id' | 'kind'>,
  part: PlanPart,
  mediansPath: string | null,
  timed: Job['timed'],
  allow: ReadonlySet<GuardName>,
): Promise<void> {
  const folder = join(plansFolder(publishing.lake), id);
  const pushed = await timed('push', () => push(publishing, { kind, part, folder, mediansPath, allow }));
  await timed('record', async () => recordPublication(publishing, part, pushed));
  await tidy(publishing, part, pushed);
}

/** Share of a partition from which on the planner is told. Autovacuum comes when it comes, and counts whole tables. */
const MUCH = 0.05;

/** What is published stays published, whatever hinders this. */
async function tidy({ lake, target, say }: Publishing, part: PlanPart, { ledger }: Pushed): Promise<void> {
  const { insert, update, delete: gone } = part.changes;
  try {
    if (insert + update + gone > MUCH * part.to.rows) await analyzeTable(target, part.table);
  } catch (error) {
    say(`${part.table} was not analyzed: ${(error as Error).message}`);
  }
  try {
    await cleanPartition(lake, partitionOf(part), { target: target.id, runs: async () => ledger });
  } catch (error) {
    say(`former snapshots are left for dor clean: ${(error as Error).message}`);
  }
}

/** The revision that a run staged. */
export function revisionOf({ run, staged, source, sqlVersion }: RunManifest): Revision {
  return {
    run,
    rows: staged!.rows,
    checksum: staged!.checksum,
    sourceSha256: source.sha256,
    stage: source.stage,
    submission: source.submission,
    sqlVersion,
    sample: source.sample,
  };
}
