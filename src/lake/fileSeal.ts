/** Seals of files in the lake: what tells that a file is still the one that was written. */

import { existsSync, statSync } from 'node:fs';
import type { FileSeal } from '../model.ts';
import { digestFile } from './plans.ts';

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
  if (!existsSync(path)) return false;
  if (!seal?.sha256) return true;
  const { size, mtimeMs } = statSync(path);
  if (size !== seal.bytes) return false;
  return (!thorough && mtimeMs === seal.mtimeMs) || digestFile(path) === seal.sha256;
}
