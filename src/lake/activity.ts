/** What a running ingest is doing, as a small file that others can look at. */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../progress.ts';

export interface Activity {
  pid: number;
  /** The county, or all. */
  what: string;
  startedAt: string;
  /** The running step, as the terminal shows it. */
  step: string;
  /** Share of the step that is done, 0 to 1; null when it cannot be counted. */
  share: number | null;
  /** The last lines that were said. */
  lines: string[];
}

const LINES = 12;
const EVERY_MS = 200;

const folderOf = (lake: string) => join(lake, 'activity');

/** Passes everything on and writes it down, at most five times a second. The file goes when the process ends. */
export function recordProgress(progress: Progress, lake: string, what: string): Progress {
  const path = join(folderOf(lake), `${process.pid}.json`);
  const now: Activity = {
    pid: process.pid,
    what,
    startedAt: new Date().toISOString(),
    step: '',
    share: null,
    lines: [],
  };
  let written = 0;
  const write = (force: boolean) => {
    if (!force && Date.now() - written < EVERY_MS) return;
    written = Date.now();
    try {
      mkdirSync(folderOf(lake), { recursive: true });
      writeFileSync(`${path}.tmp`, JSON.stringify(now));
      renameSync(`${path}.tmp`, path);
    } catch {
      // Only for looking at: an ingest never fails because nobody can watch it.
    }
  };
  process.once('exit', () => rmSync(path, { force: true }));
  const tell = (line: string) => {
    now.lines = [...now.lines, line].slice(-LINES);
    write(true);
  };
  return {
    begin(label, totalBytes) {
      Object.assign(now, { step: label, share: null });
      write(true);
      progress.begin(label, totalBytes);
    },
    advance(share) {
      now.share = share;
      write(false);
      progress.advance(share);
    },
    end(note) {
      tell(`${now.step}: ${note}`);
      progress.end(note);
    },
    say(line) {
      tell(line);
      progress.say(line);
    },
  };
}

/** Ingests at work now; files of processes that were killed are nobody's. */
export function readActivity(lake: string): Activity[] {
  let names: string[];
  try {
    names = readdirSync(folderOf(lake)).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const activity = JSON.parse(readFileSync(join(folderOf(lake), name), 'utf8')) as Activity;
      process.kill(activity.pid, 0);
      const whole =
        typeof activity.what === 'string' &&
        typeof activity.step === 'string' &&
        Array.isArray(activity.lines);
      return whole ? [activity] : [];
    } catch {
      return [];
    }
  });
}
