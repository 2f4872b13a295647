/** A target that rows are about to be published to: its schema comes first, its indexes last. */

import { buildIndexes } from './indexes.ts';
import { migrate } from './migrate.ts';
import { openTarget, type TargetSettings } from './open.ts';
import { lostFrom, refuseLost } from './restore.ts';
import { retryLost } from './retry.ts';
import type { Target } from './target.ts';

export interface TargetChoice {
  /** Postgres URL; without one the embedded Postgres is the target. */
  targetUrl?: string;
  targetSettings?: TargetSettings;
}

/**
 * Opens the target; one that is to be written to is migrated first.
 * @param folder of the embedded Postgres.
 * @throws DorError when something is gone of what dor had made there.
 */
export async function openPrepared(
  { targetUrl, targetSettings }: TargetChoice,
  folder: string,
  write: boolean,
  say: (line: string) => void,
): Promise<Target> {
  const target = await openTarget(targetUrl, folder, write, targetSettings);
  try {
    if (!write) {
      // Whoever only looks needs no view.
      const { gone, changed } = await lostFrom(target);
      refuseLost(target, { gone: gone.filter((line) => line.startsWith('table ')), changed });
      return target;
    }
    const { fixed } = await retryLost(() => migrate(target), say);
    if (fixed > 0) say(saysFixed(fixed));
  } catch (error) {
    await target.close();
    throw error;
  }
  return target;
}

/** What consumers could not see, and now can. */
export const saysFixed = (fixed: number) =>
  `dor_partitions lacked ${fixed} partitions, or had them otherwise than the publication log: fixed; the views of the newest rolls depend on it`;

/** After the last load: what a first load did without. */
export async function finishIndexes(target: Target, say: (line: string) => void): Promise<void> {
  await retryLost(() => buildIndexes(target, say), say);
}
