/** The lake's record of what it published to a target: the newest publication, and those before it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Partition, Publication } from '../model.ts';
import { writeFileDurably } from './durable.ts';
import { publishedFolder } from './paths.ts';

export interface PublishedRecord {
  /** As the target's publication log had it when it was written. */
  id: string;
  run: string;
  checksum: string;
  /** Runs that were published before, newest first, each once. Order of publishing, not of clocks. */
  former: string[];
}

const recordFile = (lake: string, target: string, partition: Partition) =>
  join(publishedFolder(lake, target, partition), 'publication.json');

/** Null when there is none. A damaged one is none either: the target's publication log is what counts, and is asked then. */
export function readRecord(lake: string, target: string, partition: Partition): PublishedRecord | null {
  const path = recordFile(lake, target, partition);
  if (!existsSync(path)) return null;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as PublishedRecord;
    return typeof record.run === 'string' ? { ...record, former: [...(record.former ?? [])] } : null;
  } catch {
    return null;
  }
}

/** Targets that this lake has a record of the partition for, readable or not. */
export function recordedTargets(lake: string, partition: Partition): string[] {
  const folder = join(lake, 'published');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((target) => existsSync(recordFile(lake, target, partition)));
}

/**
 * @param log runs of the target's publication log, newest first: publications that this lake made and did not record, and
 * those of other machines, are former ones, too. What only the last record knows, such as from before a backup was
 * restored, comes behind.
 */
export function writeRecord(
  lake: string,
  target: string,
  partition: Partition,
  { id, run, checksum, log }: Pick<Publication, 'id' | 'run' | 'checksum'> & { log: string[] },
): void {
  const last = readRecord(lake, target, partition);
  const former = [...log, ...(last ? [last.run, ...last.former] : [])];
  const record = { id, run, checksum, former: [...new Set(former)].filter((one) => one !== run) };
  writeFileDurably(recordFile(lake, target, partition), `${JSON.stringify(record)}\n`);
}
