/** The parts of a workbook: a zip read by its central directory, inflated in large chunks and checked. */

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { openZip } from '../openZip.ts';
import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';

const READ_BYTES = 1 << 20;
/** Each chunk costs a turn of the event loop and the waking of a thread, some 0.1 ms: as much as parsing 200 KB. */
const INFLATE_BYTES = 1 << 20;
/** Inflated chunks that may wait for the parser, so that both work at the same time. */
const CHUNKS_AHEAD = 3;
const STORED = 0;
const DEFLATED = 8;
/** Deflated, no name, no time, an unknown system. */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, DEFLATED, 0, 0, 0, 0, 0, 0, 0xff]);

/** The open zip. Names are looked up as Office does: without regard to case and to a leading slash. */
export class Archive {
  private constructor(
    private readonly path: string,
    private readonly zip: ZipFile,
    private readonly entries: Map<string, Entry>,
  ) {}

  /** @throws XlsxError when it is damaged, encrypted, or declares more than the limits allow. */
  static async open(path: string, limits: XlsxLimits): Promise<Archive> {
    let zip: ZipFile | undefined;
    try {
      zip = await openZip(path);
      return new Archive(path, zip, await listEntries(zip, limits));
    } catch (error) {
      zip?.close();
      if (error instanceof XlsxError) throw error;
      throw new XlsxError(`the zip is cut off or damaged (${(error as Error).message})`);
    }
  }

  has(part: string): boolean {
    return this.entries.has(folded(part));
  }

  /** Inflated size as declared; reading checks it. */
  size(part: string): number {
    return this.entry(part).uncompressedSize;
  }

  /**
   * Inflated bytes of a part. The chunks are fresh buffers.
   * @param onPacked called with the packed bytes taken from the file so far.
   * @throws XlsxError when size or checksum are not what the archive declares.
   */
  async *read(part: string, onPacked?: (bytes: number) => void): AsyncGenerator<Buffer> {
    const entry = this.entry(part);
    let size = 0;
    let sum = 0;
    try {
      const { stream, packed } = await this.openPart(entry);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > entry.uncompressedSize) throw new XlsxError('more bytes than declared');
        if (entry.compressionMethod === STORED) sum = crc32(chunk, sum);
        onPacked?.(packed());
        yield chunk;
      }
    } catch (error) {
      if (error instanceof XlsxError && !error.message.startsWith('more bytes')) throw error;
      throw new XlsxError(`${part} is damaged (${(error as Error).message})`);
    }
    if (size !== entry.uncompressedSize || (entry.compressionMethod === STORED && sum !== entry.crc32)) {
      throw new XlsxError(`${part} is damaged (its size or checksum is wrong)`);
    }
  }

  close(): void {
    this.zip.close();
  }

  private entry(part: string): Entry {
    const entry = this.entries.get(folded(part));
    if (!entry) throw new XlsxError(`${part} is missing`);
    return entry;
  }

  private async openPart(entry: Entry): Promise<{ stream: Readable; packed: () => number }> {
    const { fileDataStart: start } = await this.zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const end = start + entry.compressedSize - 1;
    if (end < start) return { stream: Readable.from([]), packed: () => 0 };
    const raw = createReadStream(this.path, { start, end, highWaterMark: READ_BYTES });
    const packed = () => raw.bytesRead;
    if (entry.compressionMethod === STORED) return { stream: raw, packed };
    // In object mode chunks stay apart; a byte stream would join all that wait into one copy.
    const options = {
      chunkSize: INFLATE_BYTES,
      readableObjectMode: true,
      readableHighWaterMark: CHUNKS_AHEAD,
    };
    const inflate = createGunzip(options);
    // Errors of either end come out of the stream that is read.
    pipeline(
      raw,
      (packed) => asGzip(packed as AsyncIterable<Buffer>, entry),
      inflate,
      () => {},
    );
    return { stream: inflate, packed };
  }
}

/**
 * A deflated part is a gzip file without its frame. With one around it zlib checks the checksum as it inflates, on its
 * own thread, instead of us on the thread that parses.
 */
async function* asGzip(packed: AsyncIterable<Buffer>, entry: Entry): AsyncGenerator<Buffer> {
  yield GZIP_HEAD;
  yield* packed;
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(entry.crc32, 0);
  tail.writeUInt32LE(entry.uncompressedSize % 2 ** 32, 4);
  yield tail;
}

const folded = (name: string) => name.replace(/^\//, '').toLowerCase();

function listEntries(zip: ZipFile, limits: XlsxLimits): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      try {
        checkEntry(entry, entries.size, limits);
        if (entries.has(folded(entry.fileName))) throw new XlsxError(`${entry.fileName} is in the zip twice`);
        entries.set(folded(entry.fileName), entry);
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.readEntry();
  });
}

function checkEntry(entry: Entry, seen: number, limits: XlsxLimits): void {
  const { fileName, uncompressedSize: size, compressedSize: packed, compressionMethod: method } = entry;
  if (seen >= limits.entries) throw new XlsxError(`it has more than ${limits.entries} parts`);
  if (entry.isEncrypted()) throw new XlsxError(`${fileName} is encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw new XlsxError(`${fileName} is packed by method ${method}, which workbooks do not use`);
  }
  if (size > limits.partBytes || (size > limits.ratioFrom && size > packed * limits.ratio)) {
    throw new XlsxError(`${fileName} would unpack to ${size} bytes from ${packed} (a zip bomb)`);
  }
}
