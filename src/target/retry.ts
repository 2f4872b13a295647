/** Trying again after the connection broke. */

import { setTimeout as sleep } from 'node:timers/promises';
import { TargetInterrupted } from './failures.ts';

/** 0.5, 1, 2, 4, 8, 16 s before the tries: half a minute, in which a server restarts. */
const TRIES = 7;
const FIRST_MS = 500;

/**
 * Repeats `work` while the target is lost, with exponential backoff and full jitter, so that many machines do not
 * come back in step. Only for work that is idempotent as a whole: it reads what the target holds, then changes it
 * in one transaction; a commit whose answer was lost is then found in the target's publication log.
 */
export async function retryLost<T>(
  work: () => Promise<T>,
  say: (line: string) => void,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TargetInterrupted) || tries >= TRIES) throw error;
      const ms = Math.round(FIRST_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
      say(`${error.message}\n  rolled back; try ${tries + 1} of ${TRIES} in ${(ms / 1000).toFixed(1)} s`);
      await wait(ms);
    }
  }
}
