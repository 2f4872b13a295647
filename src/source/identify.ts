/** What file is this? By header and first rows, which every kind of file has in its own place. */

import { splitLine } from '../csvLine.ts';
import type { Engine } from '../engine.ts';
import { FileRefused } from '../errors.ts';
import { readBytes } from './bytes.ts';
import { type Candidate, displayName } from './candidate.ts';
import { createDecoder, detectEncoding } from './encoding.ts';
import { type Identity, identifyRows } from './identity.ts';
import { identifyParquet } from './parquetSource.ts';
import { RecordScanner } from './records.ts';
import { identifyWorkbook } from './rollSheets.ts';

interface IdentifyOptions {
  /** Sheets to take from workbooks, by name; none for those that hold a roll. */
  sheets: string[];
  engine: Engine;
  scratch: string;
}

/** Of a text. */
const HEADER_BYTES = 256 * 1024;

/** @throws FileRefused when it is no roll, or not one that can be read. */
export async function identify(
  candidate: Candidate,
  { sheets, engine, scratch }: IdentifyOptions,
): Promise<Identity> {
  if (candidate.kind === 'parquet') return identifyParquet(candidate, engine);
  if (candidate.kind === 'xlsx') return identifyWorkbook(candidate, sheets, scratch);
  const [header, ...rows] = await readHead(candidate, scratch);
  return identifyRows(candidate, header ?? [], rows);
}

/** Header and first records of a text. */
async function readHead(candidate: Candidate, scratch: string): Promise<string[][]> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes(candidate, scratch)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= HEADER_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  const text = decodeHead(head.subarray(0, HEADER_BYTES));
  const label = displayName(candidate);
  if (text.includes('\0')) {
    const what = 'holds NUL bytes: it is no text file, or was damaged on the way';
    throw new FileRefused('F06', label, what, 'download the file again');
  }
  checkLineEnds(text, head.length >= HEADER_BYTES, label);
  const lines = text.split(/\r?\n/);
  // The last line is usually cut by the end of what was read.
  const complete = head.length >= HEADER_BYTES ? lines.slice(0, -1) : lines;
  const [header = '', ...rows] = complete.filter((line) => line !== '');
  const names = splitLine(header);
  checkHeaderLine(header, names.length, label);
  return [names, ...rows.map(splitLine)];
}

/** @throws FileRefused F02 when there is no line feed where every roll has one. */
function checkLineEnds(text: string, long: boolean, label: string): void {
  if (text.includes('\n')) return;
  if (text.includes('\r')) {
    const what = 'ends its lines with a carriage return alone, as old Macintosh programs do';
    throw new FileRefused('F02', label, what, 'save it again as CSV with Windows or Unix line ends');
  }
  if (!long) return;
  const what = `has no line end in its first ${HEADER_BYTES >> 10} KB, ${text.split(',').length} values: no roll has so many columns`;
  throw new FileRefused('F02', label, what, 'its line ends may be lost; download the file again');
}

/**
 * The header must be a record as the rows' scanner sees it: were it none, the first row would be taken for it and lost.
 * @throws FileRefused F02.
 */
function checkHeaderLine(header: string, fields: number, label: string): void {
  let fault: string | null = null;
  const scanner = new RecordScanner({ good() {}, bad: (...[, , , , why]) => (fault ??= why) }, { fields });
  scanner.push(Buffer.from(`${header}\n`));
  scanner.end();
  if (fault === null) return;
  const what = `has a malformed header line: ${fault} (${header.slice(0, 60).replaceAll('\r', '\\r')}…)`;
  throw new FileRefused('F02', label, what, 'write the names with commas alone between them');
}

const decodeHead = (head: Buffer): string => createDecoder(detectEncoding(head)).push(head).toString();
