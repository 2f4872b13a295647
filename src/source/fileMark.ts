/** Is it still the file that was read, without reading it whole? */

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { SourceInfo } from '../model.ts';

const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/**
 * Inode, time of the last change of any kind, and a hash of samples spread over the file. Size and mtime alone are those
 * of another file, too: programs that copy set the mtime, and rolls are edited in place.
 */
export function markFile(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const { ino, size, ctimeNs } = fstatSync(descriptor, { bigint: true });
    const hash = createHash('sha256');
    const block = Buffer.alloc(SAMPLE_BYTES);
    const step = Math.max(SAMPLE_BYTES, Math.floor((Number(size) - SAMPLE_BYTES) / (SAMPLES - 1)));
    for (let sample = 0; sample < SAMPLES && sample * step < Number(size); sample++)
      hash.update(block.subarray(0, readSync(descriptor, block, 0, SAMPLE_BYTES, sample * step)));
    return `${ino} ${ctimeNs} ${hash.digest('hex').slice(0, 16)}`;
  } finally {
    closeSync(descriptor);
  }
}

/** True when the outer file is the one whose hash was taken, as far as can be told without reading it. */
export function isKnown(then: SourceInfo, now: SourceInfo): boolean {
  return (
    then.file === now.file &&
    then.members.join('\0') === now.members.join('\0') &&
    sameSheets(then, now) &&
    then.fileBytes === now.fileBytes &&
    then.fileMtimeMs === now.fileMtimeMs &&
    then.fileMark !== undefined &&
    then.fileMark === now.fileMark
  );
}

/** True when the same sheets of a workbook were taken; other files have none. */
export function sameSheets(then: SourceInfo, now: SourceInfo): boolean {
  return (then.sheets ?? []).join('\0') === (now.sheets ?? []).join('\0');
}
