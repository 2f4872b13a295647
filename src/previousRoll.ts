/** What is staged already of the partition of a file: is it the same, is it newer? */

import { DorError } from './errors.ts';
import { stagedDamage } from './lake/damage.ts';
import { readStaged } from './lake/manifest.ts';
import { deadLettersFile } from './lake/paths.ts';
import { isReadable, readStagedRun, stagedFile } from './lake/staged.ts';
import type { RunManifest, SourceInfo } from './model.ts';
import type { Run } from './run.ts';
import { type Selected, submissionRank } from './source/select.ts';

/** The staged rows that a file is compared with. Generated rows say nothing about real ones: real files that follow the sample begin anew. */
export function comparable(lake: string, { partition, source }: Selected): RunManifest | undefined {
  const staged = readStaged(lake, partition);
  return staged?.source.sample && !source.sample ? undefined : staged;
}

/** True when the staged rows are what this SQL and this engine would make of the same source. */
export async function isCurrent(
  { partition, manifest, settings, policy, session }: Run,
  previous: RunManifest,
) {
  const { lake } = settings;
  return (
    !policy.force &&
    previous.sqlVersion === manifest.sqlVersion &&
    previous.engine === manifest.engine &&
    previous.salesChecksum === manifest.salesChecksum &&
    stagedDamage(lake, partition, 'seal') === null &&
    (await isReadable(session.engine, deadLettersFile(lake, partition))) &&
    (await readStagedRun(session.engine, stagedFile(lake, partition))) === previous.run
  );
}

/** An older submission never replaces a newer one unless asked: final after preliminary, then by number. */
export function refuseOlder(now: SourceInfo, before: SourceInfo): void {
  const [rank, rankBefore] = [submissionRank(now), submissionRank(before)];
  if (rank === '' || rank >= rankBefore) return;
  const name = ({ stage, submission }: SourceInfo) => `${stage ?? ''}${submission ?? ''}`;
  throw new DorError(
    `${now.file} is an older submission (${name(now)}) than the one that is staged (${name(before)}, ${before.file})`,
    'take the newer file, or replace it on purpose with --force',
  );
}

/** The same bytes under a name that tells no submission are still of the submission that they were of. */
export function submissionOf(now: SourceInfo, before: SourceInfo) {
  const { stage, submission, submissionId } = submissionRank(now) === '' ? before : now;
  return { stage, submission, submissionId };
}
