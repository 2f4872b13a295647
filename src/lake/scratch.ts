/** Scratch folders: one a process, inside the lake, so that finished files can be moved by renaming. */

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../forbidden.ts';
import { scratchFolder } from './paths.ts';

/** A fresh scratch folder; those that processes left behind when they were killed are removed. */
export function openScratch(lake: string): string {
  removeLeftovers(lake);
  const scratch = scratchFolder(lake, `${process.pid}-${Date.now()}`);
  makeFolder(scratch);
  return scratch;
}

/** For commands that only read: where the lake cannot be written to, a folder of the system's. */
export function openScratchToRead(lake: string, name: string): string {
  const scratch = scratchFolder(lake, `${process.pid}-${name}`);
  try {
    makeFolder(scratch);
    return scratch;
  } catch {
    return mkdtempSync(join(tmpdir(), 'dor-'));
  }
}

/** What was killed before it took its name, among files that are only ever written whole. */
export function removeUnnamed(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.tmp'))) {
    const path = join(folder, name);
    // Another process may be writing at this moment.
    if (Date.now() - statSync(path).mtimeMs > AN_HOUR) rmSync(path, { force: true });
  }
}

const AN_HOUR = 3_600_000;

/** Scratch folders are named for their process; those of processes that were killed are nobody's. */
export function removeLeftovers(lake: string): void {
  const folder = dirname(scratchFolder(lake, 'x'));
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!isAlive(Number.parseInt(name, 10))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
