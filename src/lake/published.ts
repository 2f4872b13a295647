/** The lake's record of what it published to a target: the newest publication, and those before it. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Partition, Publication } from '../model.ts';
import { writeFileDurably } from './durable.ts';
import { publishedFolder } from './paths.ts';

export interface PublishedRecord {
  /** As the target's ledger had it when it was written. */
  id: string;
  run: string;
  checksum: string;
  /** Runs that were published before, newest first, each once. Order of publishing, not of clocks. */
  former: string[];
}

export function readRecord(lake: string, target: string, partition: Partition): PublishedRecord | null {
  const path = join(publishedFolder(lake, target, partition), 'publication.json');
  if (!existsSync(path)) return null;
  const record = JSON.parse(readFileSync(path, 'utf8')) as PublishedRecord;
  return { ...record, former: record.former ?? [] };
}

export function writeRecord(
  lake: string,
  target: string,
  partition: Partition,
  { id, run, checksum }: Pick<Publication, 'id' | 'run' | 'checksum'>,
): void {
  const last = readRecord(lake, target, partition);
  const former = last ? [last.run, ...last.former] : [];
  const record = { id, run, checksum, former: [...new Set(former)].filter((one) => one !== run) };
  const path = join(publishedFolder(lake, target, partition), 'publication.json');
  writeFileDurably(path, `${JSON.stringify(record)}\n`);
}
