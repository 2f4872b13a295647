/** Opens zips as other readers do: bytes behind the archive's end and backslashes in names do not matter. */

import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import yauzl, { type ZipFile } from 'yauzl';

/** The record that ends an archive, without its comment. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const LONGEST_COMMENT = 0xffff;
/** Bytes behind the end that are passed over: line ends of mail, signatures, fill of tapes. */
const MOST_BEHIND = 64 * 1024;
/** Where sizes do not fit, they stand in a ZIP64 record. */
const ELSEWHERE = 0xffff_ffff;

const OPTIONS = { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: false };

/** The open archive; names have slashes, and those that climb out are refused when they are read. Close it. */
export async function openZip(path: string): Promise<ZipFile> {
  try {
    return await new Promise((resolve, reject) =>
      yauzl.open(path, OPTIONS, (error, zip) => (error ? reject(error) : resolve(zip))),
    );
  } catch (error) {
    const end = endOf(path);
    if (end === null) throw error;
    return yauzl.fromRandomAccessReaderPromise(new FileReader(path), end, OPTIONS);
  }
}

/** The file without what lies behind the archive's end. */
class FileReader extends yauzl.RandomAccessReader {
  constructor(private readonly path: string) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.path, { start, end: end - 1 });
  }
}

/** Where the last archive ends that begins with the file; null when none is found near the file's end. */
function endOf(path: string): number | null {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, END_BYTES + LONGEST_COMMENT + MOST_BEHIND));
    const from = size - tail.length;
    readSync(file, tail, 0, tail.length, from);
    for (let at = tail.length - END_BYTES; at >= 0; at--) {
      if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
      const [directory, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
      const end = at + END_BYTES + tail.readUInt16LE(at + 20);
      // An archive inside of this one would have its directory elsewhere.
      const isOwn = offset === ELSEWHERE || offset + directory === from + at;
      if (isOwn && end <= tail.length) return from + end;
    }
    return null;
  } finally {
    closeSync(file);
  }
}
