/** A full disk is no bug: one error for all the ways in which the file system and the engine say it. */

import { statfsSync } from 'node:fs';
import { DorError, EXIT } from './errors.ts';
import { size } from './formats.ts';

/** What needed the room. */
export interface Need {
  /** Such as `unpacking x.zip`. */
  what: string;
  folder: string;
  /** Absent where nothing tells before it is done. */
  bytes?: number;
}

/** The engine counts what it spills, and stops at what was free: it calls that out of memory. */
const SAID = /No space left on device|disk full|Disk quota exceeded|failed to offload data block/i;
const CODES = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * The error to throw or show instead: itself, unless it says that the disk is full.
 * @param need what was at work, after its unfinished files were removed; without it, a run.
 */
export function expectFullDisk(error: unknown, need?: Need): unknown {
  if (error instanceof DorError || !(error instanceof Error)) return error;
  if (!CODES.includes((error as NodeJS.ErrnoException).code ?? '') && !SAID.test(error.message)) return error;
  const what = need
    ? `${need.what} ${missing(need)}; nothing was changed`
    : 'the run has stopped; each partition is as it was or complete, none is half done';
  return new DorError(
    `The disk is full: ${what}`,
    'free space where the data folder lies (dor clean gives up old snapshots), or set DOR_DATA to a folder on a larger disk; then run the command again',
    EXIT.gate,
    { cause: error },
  );
}

function missing({ folder, bytes }: Need): string {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (bytes === undefined || bytes <= free)
    return `does not fit into ${folder}, where ${size(free)} are free`;
  return `needs ${size(bytes)} in ${folder}, where ${size(free)} are free`;
}
