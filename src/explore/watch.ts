/** What moves in the lake, told to pages that ask again and again. */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type Activity, readActivity } from '../lake/activity.ts';
import { type DataPaths, runsFolder } from '../lake/paths.ts';

export interface Moves {
  /** Another one whenever anything of the rest is different. */
  version: string;
  running: Activity[];
  /** Another text whenever a run or a report has come. */
  stored: string;
}

/** However many pages ask, the lake is looked at no more often. */
const EVERY_MS = 300;
/** Times of folders are no finer than some milliseconds: a change of this moment is told with the next look. */
const SETTLED_MS = 50;

/**
 * One for all pages, and without a timer: it looks when somebody asks, and nothing happens when nobody does. What it
 * looks at are the times of two folders and what is in the folder of activities, which is empty but for running ingests.
 */
export class Watch {
  private readonly stored = new Map<string, bigint>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private last: Moves = { version: '', running: [], stored: '' };

  constructor(
    private readonly paths: DataPaths,
    private readonly read: (lake: string) => Activity[] = readActivity,
    private readonly now: () => number = Date.now,
  ) {}

  look(): Moves {
    if (Math.abs(this.now() - this.lookedAt) < EVERY_MS) return this.last;
    this.lookedAt = this.now();
    for (const folder of [runsFolder(this.paths.lake), this.paths.reports]) this.lookAt(folder);
    const running = this.read(this.paths.lake);
    const stored = [...this.stored.values()].join(' ');
    const version = createHash('sha256')
      .update(JSON.stringify([running, stored]))
      .digest('base64url');
    this.last = { version: version.slice(0, 16), running, stored };
    return this.last;
  }

  private lookAt(folder: string): void {
    const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
    const age = this.now() - Number(found?.mtimeMs ?? 0);
    if (age < 0 || age >= SETTLED_MS) this.stored.set(folder, found?.mtimeNs ?? 0n);
  }
}
