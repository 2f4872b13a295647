import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Mounts a small file system of its own, which only root may; null for others. */
export function smallDisk(size: string): { path: string; grow: (to: string) => void } | null {
  const path = mkdtempSync(join(tmpdir(), 'dor-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', [path]);
    rmdirSync(path);
  });
  return { path, grow: (to) => execFileSync('mount', ['-o', `remount,size=${to}`, path]) };
}
