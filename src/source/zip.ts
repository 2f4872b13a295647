/** Zip archives by yauzl, with what yauzl leaves to its callers: checksums, bombs, and names that climb out. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { expectFullDisk } from '../diskFull.ts';
import { FileRefused } from '../errors.ts';
import { size } from '../formats.ts';
import { openZip } from './openZip.ts';

export interface ZipMember {
  name: string;
  /** Uncompressed bytes, as the archive declares and yauzl enforces. */
  bytes: number;
  date: string;
}

export const ZIP_LIMITS = {
  entries: 10_000,
  /** One member, uncompressed. The largest roll is 0.5 GB. */
  bytes: 16 * 2 ** 30,
  /** Uncompressed to compressed, for members above `ratioFrom` bytes. Rolls have 5 to 12. */
  ratio: 200,
  ratioFrom: 64 * 2 ** 20,
  /** Zip in zip in zip. */
  depth: 4,
};

const AGAIN = 'download the file again and check its size against the portal';

/** Members of an archive, in its order, folders left out. @throws FileRefused F01 when it is damaged or hostile. */
export async function listMembers(path: string, label: string): Promise<ZipMember[]> {
  const entries: ZipMember[] = [];
  const names = new Set<string>();
  await eachEntry(path, label, async (_, entry) => {
    check(entry, label, entries.length);
    if (names.size === names.add(entry.fileName).size)
      throw new FileRefused('F01', label, `${entry.fileName} is in the archive twice`, AGAIN);
    if (!entry.fileName.endsWith('/')) {
      entries.push({ name: entry.fileName, bytes: entry.uncompressedSize, date: isoDay(entry) });
    }
    return false;
  });
  return entries;
}

/** Bytes of one member; the stream fails with FileRefused F01 when size or checksum are not what the archive says. */
export async function* readMember(path: string, name: string, label: string): AsyncGenerator<Buffer> {
  const { zip, entry } = await findEntry(path, name, label);
  let sum = 0;
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
    );
    for await (const chunk of stream) {
      sum = crc32(chunk as Buffer, sum);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw new FileRefused(
      'F01',
      label,
      `the archive is damaged in ${name} (${(error as Error).message})`,
      AGAIN,
    );
  } finally {
    zip.close();
  }
  if (sum !== entry.crc32) {
    throw new FileRefused(
      'F01',
      label,
      `the checksum of ${name} is wrong: its content was changed or cut`,
      AGAIN,
    );
  }
}

/** Writes a member to a file, for archives inside archives. */
export async function extractMember(
  path: string,
  name: string,
  label: string,
  folder: string,
): Promise<string> {
  const out = join(
    folder,
    `inner-${createHash('sha256').update(`${path}\0${name}`).digest('hex').slice(0, 40)}`,
  );
  try {
    await pipeline(readMember(path, name, label), createWriteStream(out));
  } catch (error) {
    rmSync(out, { force: true });
    if (error instanceof FileRefused) throw error;
    const { entry, zip } = await findEntry(path, name, label);
    zip.close();
    throw expectFullDisk(error, { what: `unpacking ${label}`, folder, bytes: entry.uncompressedSize });
  }
  return out;
}

/** Bytes of a plain file. */
export function readFileBytes(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

function check(entry: Entry, label: string, seen: number): void {
  const refuse = (what: string, remedy = 'do not use this archive; take the file from the portal') => {
    throw new FileRefused('F01', label, what, remedy);
  };
  const problem = yauzl.validateFileName(entry.fileName);
  if (problem || /^[a-z]:|\\/i.test(entry.fileName))
    refuse(`a member's name leaves the archive: ${entry.fileName}`);
  if (seen >= ZIP_LIMITS.entries) refuse(`the archive has more than ${ZIP_LIMITS.entries} members`);
  if (entry.isEncrypted())
    refuse(`${entry.fileName} is password-protected`, 'unpack it yourself and offer the CSV');
  const { uncompressedSize: bytes, compressedSize: packed } = entry;
  if (bytes > ZIP_LIMITS.bytes)
    refuse(`${entry.fileName} would unpack to ${size(bytes)}, which no roll does`);
  if (bytes > ZIP_LIMITS.ratioFrom && bytes > packed * ZIP_LIMITS.ratio) {
    refuse(
      `${entry.fileName} would unpack to ${size(bytes)} from ${packed} bytes, which no roll does (a zip bomb)`,
    );
  }
}

async function findEntry(path: string, name: string, label: string): Promise<{ zip: ZipFile; entry: Entry }> {
  let found: { zip: ZipFile; entry: Entry } | undefined;
  await eachEntry(path, label, async (zip, entry) => {
    if (entry.fileName !== name) return false;
    check(entry, label, 0);
    found = { zip, entry };
    return true;
  });
  if (!found) throw new FileRefused('F01', label, `${name} is no longer in the archive`, AGAIN);
  return found;
}

/** Visits entries until `visit` returns true; the archive then stays open for the caller. */
async function eachEntry(
  path: string,
  label: string,
  visit: (zip: ZipFile, entry: Entry) => Promise<boolean>,
): Promise<void> {
  const zip = await open(path, label);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      zip.close();
      reject(
        error instanceof FileRefused
          ? error
          : new FileRefused('F01', label, `the archive cannot be read (${(error as Error).message})`, AGAIN),
      );
    };
    zip.on('error', fail);
    zip.on('end', () => {
      zip.close();
      resolve();
    });
    zip.on('entry', (entry: Entry) => {
      visit(zip, entry).then((done) => (done ? resolve() : zip.readEntry()), fail);
    });
    zip.readEntry();
  });
}

async function open(path: string, label: string): Promise<ZipFile> {
  try {
    return await openZip(path);
  } catch (error) {
    const what = `the zip is cut off or damaged (${(error as Error).message})`;
    throw new FileRefused('F01', label, what, AGAIN);
  }
}

/** The archive's dates carry no zone: take them as they read. */
function isoDay(entry: Entry): string {
  const date = entry.getLastModDate({ timezone: 'UTC' });
  return date.toISOString().slice(0, 10);
}
