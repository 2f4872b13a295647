/** Seals of files in the lake: what tells that a file is still the one that was written. */

import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { FileSeal } from '../model.ts';

export function sealFile(path: string): FileSeal {
  const { size, mtimeMs } = statSync(path);
  return { sha256: digestFile(path), bytes: size, mtimeMs };
}

/**
 * Whether a file is what was sealed. Lakes of earlier versions have no seals: their files pass here.
 * @param thorough reads every byte, even where size and time of writing are those of the seal.
 */
export function isSealed(
  path: string,
  seal: Partial<FileSeal> | null | undefined,
  thorough: boolean,
): boolean {
  return damageOf(path, seal, thorough ? 'bytes' : 'seal') === null;
}

/** How closely a file is looked at: its size alone; its bytes where the time is not that of the seal; always its bytes. */
export type Look = 'size' | 'seal' | 'bytes';

/** What befell a file since it was sealed, in words; null when nothing did, as far as this look tells. */
export function damageOf(
  path: string,
  seal: Partial<FileSeal> | null | undefined,
  look: Look,
): string | null {
  if (!existsSync(path)) return 'it is gone';
  if (!seal?.sha256) return null;
  const { size, mtimeMs } = statSync(path);
  const same =
    size === seal.bytes &&
    (look === 'size' || (look === 'seal' && mtimeMs === seal.mtimeMs) || digestFile(path) === seal.sha256);
  return same ? null : 'its bytes changed';
}

/** SHA-256 of a file, hex; in pieces, because a change set may be as large as a county. */
export function digestFile(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    for (let size = readSync(file, piece); size > 0; size = readSync(file, piece))
      hash.update(piece.subarray(0, size));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
