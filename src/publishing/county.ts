/** A county's engine and target, while no other process works on it. */

import { withEngine } from '../engine.ts';
import { takeLock } from '../lake/lock.ts';
import { type DataPaths, lockFile } from '../lake/paths.ts';
import { openScratch } from '../lake/scratch.ts';
import type { County } from '../model.ts';
import type { Progress } from '../progress.ts';
import { parseRedact } from '../redaction.ts';
import { finishIndexes, openPrepared, type TargetChoice } from '../target/prepared.ts';
import type { Publishing } from './currentState.ts';

/** Rows stream through; what is kept in memory are keys and hashes. */
const MEMORY_MB = 384;

export interface PublishingOptions extends TargetChoice {
  paths: DataPaths;
  progress: Progress;
  /** Columns whose values no sample shows; without it those of DOR_REDACT. */
  redact?: string[];
}

/** @param write whether the target may be written to: it is then migrated first. */
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
      const target = await openPrepared(options, folder, write, say);
      try {
        const redact = options.redact ?? parseRedact([]);
        const result = await work({ engine, target, lake, scratch, say, redact });
        if (write) await finishIndexes(target, say);
        return result;
      } finally {
        await target.close();
      }
    });
  } finally {
    unlock();
  }
}
