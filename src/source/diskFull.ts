/** A full disk, in words: what needed the space, where, and how much there is. */

import { statfsSync } from 'node:fs';
import { DorError, EXIT } from '../errors.ts';

/** The error to throw instead: itself, unless it says that the disk is full. @param bytes that unpacking needs. */
export function explainDiskFull(error: unknown, label: string, bytes: number, folder: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  const { bavail, bsize } = statfsSync(folder);
  const mb = (amount: number) => `${Math.ceil(amount / 1e6)} MB`;
  return new DorError(
    `The disk is full: unpacking ${label} needs ${mb(bytes)} in ${folder}, ${mb(bavail * bsize)} are free`,
    'free some space, or set DOR_DATA to a folder on a larger disk; nothing was changed',
    EXIT.usage,
  );
}
