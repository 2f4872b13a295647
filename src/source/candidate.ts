/** A thing that may be a roll file: where it lies and what kind of bytes it has. */

export type SourceKind = 'csv' | 'csv.gz' | 'parquet' | 'xlsx';

export interface Candidate {
  /** Outer file, absolute. */
  path: string;
  /** Names inside nested archives, outermost first; empty for a plain file. */
  members: string[];
  /** Told by content, never by the name. */
  kind: SourceKind;
  /** Where a file that is no text lies on disk: the file itself, or a member unpacked to the scratch folder. */
  onDisk?: string;
  /** Uncompressed size; the size on disk for .gz. */
  bytes: number;
  /** Of the outer file. */
  fileBytes: number;
  fileMtimeMs: number;
  /** See `markFile`; absent when nobody compares. */
  fileMark?: string;
  /** ISO day of the zip member; null outside archives, because the time of a file is that of its last copy. */
  fileDate: string | null;
}

/** The name a person would give the file: the innermost member, or the file itself. */
export function innerName({ path, members }: Pick<Candidate, 'path' | 'members'>): string {
  return (members.at(-1) ?? path).split('/').at(-1)!;
}

/** Path and members in one line, for messages. */
export function displayName({ path, members }: Pick<Candidate, 'path' | 'members'>): string {
  return [path, ...members].join(' › ');
}

/** What the first bytes say. `unknown` may still be text. */
export function sniff(head: Buffer): SourceKind | 'zip' | 'html' | 'empty' | 'unsupported' {
  if (head.length === 0) return 'empty';
  const starts = (bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts([0x50, 0x4b, 3, 4]) || starts([0x50, 0x4b, 5, 6])) return 'zip';
  if (starts([0x50, 0x41, 0x52, 0x31])) return 'parquet';
  if (starts([0x1f, 0x8b])) return 'csv.gz';
  if (
    starts([0xd0, 0xcf, 0x11, 0xe0]) ||
    starts([0x37, 0x7a, 0xbc, 0xaf]) ||
    starts([0x52, 0x61, 0x72, 0x21])
  ) {
    return 'unsupported';
  }
  if (/^\s*(<!doctype html|<html|<\?xml|<head|<script)/i.test(head.subarray(0, 512).toString('latin1')))
    return 'html';
  return 'csv';
}
