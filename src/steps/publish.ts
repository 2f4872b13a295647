/** diff → push: what the target lacks, and bringing it there. */

import { DorError } from '../errors.ts';
import type { Job, StagedFiles } from '../pipeline.ts';
import { retryLost } from '../target/retry.ts';
import type { Target } from '../target/target.ts';
import { type Diff, diff } from './diff.ts';
import { push, recordPublished, TargetDiffers } from './push.ts';

/** Share of a partition's rows, in percent, that may vanish without being asked for. */
const MAX_DELETE_PCT = 10;

/** Compares the staged rows with the target and pushes the difference, unless the run is dry or pushes nothing. */
export async function publish(job: Job, files: StagedFiles): Promise<void> {
  const { context } = job;
  if (!context.target) return;
  const target = await context.target();
  refuseSample(job, target);
  try {
    await retryLost(() => bring(job, files, target, false), context.progress.say);
  } catch (error) {
    if (!(error instanceof TargetDiffers)) throw error;
    context.progress.say(
      `${error.message}\n  its keys and hashes are read back, and the difference is pushed again`,
    );
    await retryLost(() => bring(job, files, target, true), context.progress.say);
  }
}

async function bring(job: Job, files: StagedFiles, target: Target, readBack: boolean): Promise<void> {
  const { context, manifest, selected, timed } = job;
  const { engine, lake, scratch } = context;
  const { partition } = selected;
  const found = await timed('diff', () =>
    diff(engine, target, partition, files.path, lake, scratch, readBack),
  );
  if (found.base === 'target')
    context.progress.say('the lake has no matching record of the target: read back from it');
  manifest.target = target.label;
  manifest.changes = found.changes;
  refuseDeletes(job, found);
  const { insert, update, delete: deleted } = found.changes;
  if (context.dryRun) return;
  const request = { partition, files, manifest, lake, scratch };
  if (insert + update + deleted === 0 && found.publication) {
    // This run's own commit, whose answer was lost on the way: only the lake does not know yet.
    if (found.publication.run !== manifest.run) return;
    await recordPublished(engine, target, request);
    manifest.status = 'published';
    return;
  }
  await timed('push', () => push(engine, target, found, request));
  manifest.status = 'published';
}

function refuseSample({ manifest }: Job, target: Target): void {
  if (!manifest.source.sample || target.embedded) return;
  throw new DorError(
    `The bundled sample never goes to a real server (${target.label})`,
    "put the county's files into data/inbox, or unset SUPABASE_DB_URL to try the sample on the embedded Postgres",
  );
}

function refuseDeletes({ context, manifest }: Job, { changes }: Diff): void {
  const held = changes.unchanged + changes.update + changes.delete;
  const share = held === 0 ? 0 : (100 * changes.delete) / held;
  if (share <= MAX_DELETE_PCT || context.allowDeletes) return;
  throw new DorError(
    `${changes.delete} of ${held} rows of ${manifest.table} ${manifest.county} ${manifest.year} would be deleted (${share.toFixed(1)} %), more than ${MAX_DELETE_PCT} %; nothing was published`,
    'if the file is complete, publish it with --allow-deletes',
  );
}
