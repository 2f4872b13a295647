/** What processes and folders take of the machine. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';

const MB = 2 ** 20;

/** Memory of a process in MB that no other shares: pages of programs and libraries are not counted. 0 when it is gone. */
export function memoryMb(pid: number): number {
  try {
    if (process.platform !== 'linux')
      return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return (kilobytes('VmRSS') - kilobytes('RssFile')) / 1024;
  } catch {
    return 0;
  }
}

/** Megabytes of the files in a folder, in any depth. */
export function folderMb(folder: string): number {
  return namesIn(folder).reduce((sum, name) => sum + fileMb(join(folder, name)), 0);
}

/** Megabytes of a file; 0 when it is not, or no longer, there. */
export function fileMb(path: string): number {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size / MB : 0;
  } catch {
    return 0;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/** MB that a session takes at most when nobody says how much it may. */
export const MOST_DISK_MB = 20_480;
export const MOST_MEMORY_MB = 4096;

/** Half of what is free where the folder lies, in MB. */
export function defaultDiskMb(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.min(MOST_DISK_MB, Math.floor((bavail * bsize) / MB / 2));
}

/** Half of the memory that this process may use, in MB. */
export function defaultMemoryMb(): number {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.min(MOST_MEMORY_MB, Math.floor(bytes / MB / 2));
}
