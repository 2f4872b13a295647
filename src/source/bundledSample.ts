/** Is it the bundled sample, wherever it lies and however it is packed? Generated rows must never pass for real ones. */

import { SAMPLE } from '../project.ts';
import { readBytes } from './bytes.ts';
import type { Candidate } from './candidate.ts';
import { discover } from './discover.ts';

/** Bytes of a file that is looked into: several times those of the largest file of the sample. */
const LARGEST = 8 * 2 ** 20;

let known: Promise<Set<string>> | undefined;

/**
 * By its records, so that a copy is recognised that was renamed, packed, saved by another program or edited in part:
 * most of the file's are the sample's. Texts only; workbooks and Parquet files are taken for what they are.
 */
export async function isBundledSample(candidate: Candidate, scratch: string): Promise<boolean> {
  const { kind, bytes } = candidate;
  if ((kind !== 'csv' && kind !== 'csv.gz') || bytes > LARGEST) return false;
  known ??= readSample(scratch);
  const [records, generated] = [await readRecords(candidate, scratch), await known];
  return 2 * records.filter((record) => generated.has(record)).length > records.length;
}

async function readSample(scratch: string): Promise<Set<string>> {
  const { candidates } = await discover([SAMPLE], scratch);
  const files = await Promise.all(candidates.map((candidate) => readRecords(candidate, scratch)));
  return new Set(files.flat());
}

/** The lines after the header, without the quotes that programs set as they like. */
async function readRecords(candidate: Candidate, scratch: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(candidate, scratch)) chunks.push(chunk);
  const [, ...lines] = Buffer.concat(chunks).toString('latin1').replaceAll('"', '').split(/\r?\n/);
  return lines.filter((line) => line !== '');
}
