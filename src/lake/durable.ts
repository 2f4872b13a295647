/** Files that are either the old ones or the new ones, never half of both. */

import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../forbidden.ts';

/** Moves a finished file to its final name: contents are on disk before the name changes. Same file system only. */
export function moveDurably(temporary: string, final: string): void {
  makeFolder(dirname(final));
  syncPath(temporary);
  renameSync(temporary, final);
  syncPath(dirname(final));
}

/** Writes a small text file whole, through a temporary name beside it. */
export function writeFileDurably(path: string, text: string): void {
  makeFolder(dirname(path));
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, text);
  moveDurably(temporary, path);
}

/** Contents of a file, or names in a folder, are on disk when this returns. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
