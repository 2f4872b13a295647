/** The bytes of a candidate, however deep it lies. */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileRefused } from '../errors.ts';
import { type Candidate, displayName } from './candidate.ts';
import { extractMember, readFileBytes, readMember, ZIP_LIMITS } from './zip.ts';

/**
 * Streams the innermost member, uncompressed. @param scratch where archives inside archives are unpacked to.
 * @throws FileRefused F01 from the stream when an archive on the way is damaged.
 */
export async function* readBytes(candidate: Candidate, scratch: string): AsyncGenerator<Buffer> {
  const label = displayName(candidate);
  let archive = candidate.path;
  for (const name of candidate.members.slice(0, -1))
    archive = await extractMember(archive, name, label, scratch);
  const last = candidate.members.at(-1);
  const bytes = last ? readMember(archive, last, label) : readFileBytes(archive);
  yield* candidate.kind === 'csv.gz' ? gunzip(bytes, label) : bytes;
}

/** The innermost member as a file: the candidate itself, or unpacked to `scratch`. */
export async function unpackMember(
  { path, members }: Pick<Candidate, 'path' | 'members'>,
  scratch: string,
): Promise<string> {
  let file = path;
  for (const name of members) file = await extractMember(file, name, displayName({ path, members }), scratch);
  return file;
}

async function* gunzip(bytes: AsyncIterable<Buffer>, label: string): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: 1 << 20 });
  // Errors of the source end the stream that is read below.
  pipeline(Readable.from(bytes), stream, () => {});
  let total = 0;
  try {
    for await (const chunk of stream) {
      total += (chunk as Buffer).length;
      if (total > ZIP_LIMITS.bytes) throw new Error('it unpacks to more than any roll has');
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    const what = `the gzip file is cut off or damaged (${(error as Error).message})`;
    throw new FileRefused('F01', label, what, 'download the file again');
  }
}
