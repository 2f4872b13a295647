/** Snapshots: what was published, kept whole, so that it can be compared with, looked at and brought back. */

import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Partition, Revision, Seals } from '../model.ts';
import { moveDurably, syncPath, writeFileDurably } from './durable.ts';
import { isSealed, sealFile } from './fileSeal.ts';
import { snapshotsFolder } from './paths.ts';

/** A whole content of a partition on disk. */
export interface Snapshot {
  revision: Revision;
  /** The rows, as staged. */
  path: string;
  /** Medians of the county; only with the parcels. */
  mediansPath: string | null;
  /** What the files are to be; lakes of earlier versions do not know it. */
  seals?: Seals;
}

/** The snapshot of a run, or undefined when the lake has none: a damaged revision names nothing. */
export function readSnapshot(lake: string, partition: Partition, run: string): Snapshot | undefined {
  const folder = join(snapshotsFolder(lake, partition), run);
  const facts = join(folder, 'revision.json');
  if (!existsSync(facts) || !existsSync(join(folder, 'data.parquet'))) return undefined;
  const medians = join(folder, 'medians.parquet');
  const read = parseFacts(facts);
  if (read?.run !== run || typeof read.rows !== 'number' || typeof read.checksum !== 'string')
    return undefined;
  const { seals, ...revision } = read;
  return {
    revision,
    seals,
    path: join(folder, 'data.parquet'),
    mediansPath: existsSync(medians) ? medians : null,
  };
}

/** Whether the files of a snapshot are, by size and time of writing or else by their bytes, what was kept. */
export const isWhole = ({ path, mediansPath, seals }: Snapshot) =>
  isSealed(path, seals?.data, false) &&
  (!seals?.medians || (mediansPath !== null && isSealed(mediansPath, seals.medians, false)));

/** What is written there, whatever it is; null when it is no JSON. */
function parseFacts(path: string): (Revision & { seals?: Seals }) | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Keeps a content under its run. Files are linked, which costs nothing: staged files are replaced and never written to.
 * The revision is written last; without it a snapshot does not count.
 */
export function keepSnapshot(lake: string, partition: Partition, content: Snapshot): Snapshot {
  const { run } = content.revision;
  const known = readSnapshot(lake, partition, run);
  if (known && isWhole(known)) return known;
  const folder = join(snapshotsFolder(lake, partition), run);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  linkOrCopy(content.path, join(folder, 'data.parquet'));
  syncPath(join(folder, 'data.parquet'));
  if (content.mediansPath) linkOrCopy(content.mediansPath, join(folder, 'medians.parquet'));
  // A seal that was made when the rows were staged is older than anything that befell the file since.
  const seals = content.seals ?? {
    data: sealFile(content.path),
    medians: content.mediansPath ? sealFile(content.mediansPath) : null,
  };
  writeFileDurably(join(folder, 'revision.json'), `${JSON.stringify({ ...content.revision, seals })}\n`);
  return readSnapshot(lake, partition, run)!;
}

/** Runs that the lake has snapshots of, oldest first as their names say. */
export function listSnapshots(lake: string, partition: Partition): string[] {
  const folder = snapshotsFolder(lake, partition);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((run) => readSnapshot(lake, partition, run))
    .sort();
}

/** One file under a second name; a copy where the file system has no links. */
export function linkOrCopy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    copyFileSync(from, `${to}.tmp`);
    moveDurably(`${to}.tmp`, to);
  }
}
