/** Small files that are read again only when they changed. */

import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

export type ReadText = (path: string) => Promise<string>;

const readText: ReadText = (path) => readFile(path, 'utf8');

/** What was made of each file, or null of one that cannot be read: a half-written one must not take the rest with it. */
export class FileCache<T> {
  private readonly known = new Map<string, { mark: string; value: Promise<T | null> }>();

  constructor(
    private readonly parse: (text: string) => T,
    private readonly read: ReadText = readText,
  ) {}

  async get(path: string): Promise<T | null> {
    const found = await stat(path, { bigint: true }).catch(() => null);
    if (!found) return null;
    const mark = markOf(found);
    const known = this.known.get(path);
    if (known?.mark === mark) return known.value;
    const value = this.read(path)
      .then(this.parse)
      .catch(() => null);
    this.known.set(path, { mark, value });
    return value;
  }

  /** Forgets all others. */
  keep(paths: Set<string>): void {
    for (const path of this.known.keys()) if (!paths.has(path)) this.known.delete(path);
  }
}

/** Whoever writes aside and renames gives a file another inode, also in the same millisecond. */
const markOf = ({ ino, size, mtimeNs }: BigIntStats) => `${ino} ${size} ${mtimeNs}`;
