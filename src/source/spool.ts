/** One pass over a text candidate: hash, encoding, structure; and, where something had to change, a clean copy. */

import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expectFullDisk } from '../diskFull.ts';
import { FileRefused } from '../errors.ts';
import { readBytes } from './bytes.ts';
import { type Candidate, displayName } from './candidate.ts';
import { createDecoder, type Decoder, detectEncoding, type Encoding } from './encoding.ts';
import { RecordScanner, type RecordSink } from './records.ts';

export interface Spooled {
  /** What DuckDB reads: the file itself when it is clean UTF-8, else the copy. */
  csvPath: string;
  /** SHA-256 of the member's bytes as they were found, hex. */
  sha256: string;
  encoding: Encoding;
  /** Bytes that are no UTF-8 and were read as Windows-1252 (F05), and the lines of the first of them. */
  converted: number;
  convertedLines: readonly number[];
  newline: 'lf' | 'crlf' | 'mixed' | 'none';
  /** Records after the header. */
  records: number;
  /** Those that are no rows. */
  rejected: number;
  /** NDJSON with line, rule, message and text of each of them; null when there are none. */
  rejectsPath: string | null;
}

export interface SpoolRequest {
  candidate: Candidate;
  /** Fields of a record, from the header. */
  columns: number;
  scratch: string;
  /** Short name for the files in scratch. */
  name: string;
  /** Called with the bytes read so far. */
  onBytes?: (bytes: number) => void;
}

/**
 * Reads the whole candidate. A plain file that is clean is not copied.
 * @throws FileRefused F01, F06 or F09; DorError when the disk is full.
 */
export async function spool(request: SpoolRequest): Promise<Spooled> {
  const { candidate } = request;
  const plain = candidate.kind === 'csv' && candidate.members.length === 0;
  const first = await readAs(request, undefined, plain ? 'look' : 'copy');
  const asIs =
    first.rejected === 0 && first.blankLines === 0 && first.newline !== 'mixed' && first.encoding === 'utf-8';
  const { blankLines: _, ...spooled } = first;
  if (!plain || asIs) return spooled;
  const { csvPath, rejectsPath } = await readAs(request, first.encoding, 'copy');
  return { ...spooled, csvPath, rejectsPath };
}

async function readAs(request: SpoolRequest, encoding: Encoding | undefined, mode: 'look' | 'copy') {
  try {
    return await pass(request, encoding, mode);
  } catch (error) {
    // The run's own record still has to be written.
    rmSync(join(request.scratch, `${request.name}.csv`), { force: true });
    rmSync(join(request.scratch, `${request.name}.rejects.ndjson`), { force: true });
    const { candidate, scratch } = request;
    // What a .gz unpacks to is only known at its end.
    const bytes = candidate.kind === 'csv.gz' ? undefined : candidate.bytes;
    throw expectFullDisk(error, { what: `unpacking ${displayName(candidate)}`, folder: scratch, bytes });
  }
}

async function pass(request: SpoolRequest, wanted: Encoding | undefined, mode: 'look' | 'copy') {
  const { candidate, columns, scratch, name, onBytes } = request;
  const label = displayName(candidate);
  const copy = createCopy(
    mode === 'copy' ? join(scratch, `${name}.csv`) : null,
    join(scratch, `${name}.rejects.ndjson`),
  );
  const faults = noteFaults(copy.sink, label);
  const scanner = new RecordScanner(faults.sink, { fields: columns });
  const hash = createHash('sha256');
  let encoding = wanted;
  let decoder: Decoder | undefined;
  let bytes = 0;
  const feed = (text: Buffer) => {
    if (text.includes(0)) {
      const what = 'holds NUL bytes: it is no text file, or was damaged on the way';
      throw new FileRefused('F06', label, what, 'download the file again');
    }
    scanner.push(text);
  };
  try {
    for await (const chunk of readBytes(candidate, scratch)) {
      encoding ??= detectEncoding(chunk);
      decoder ??= createDecoder(encoding, () => scanner.nextLine());
      hash.update(chunk);
      feed(decoder.push(chunk));
      bytes += chunk.length;
      onBytes?.(bytes);
    }
    feed(decoder?.end() ?? Buffer.alloc(0));
    if (!scanner.end()) {
      const what = 'its last record has no line end: the file is cut off';
      throw new FileRefused('F06', label, what, 'download the file again');
    }
  } finally {
    copy.close();
  }
  const records = scanner.goodRecords + scanner.badRecords - 1;
  if (scanner.goodRecords < 2) {
    throw new FileRefused(
      'F09',
      label,
      `has no row among its ${Math.max(records, 0)} records${faults.first()}`,
      'download the file again',
    );
  }
  return {
    csvPath: mode === 'copy' ? join(scratch, `${name}.csv`) : candidate.path,
    sha256: hash.digest('hex'),
    encoding: decoder?.encoding ?? 'utf-8',
    converted: decoder?.converted ?? 0,
    convertedLines: decoder?.lines ?? [],
    newline: newlineOf(scanner),
    records,
    rejected: scanner.badRecords,
    rejectsPath: scanner.badRecords > 0 ? join(scratch, `${name}.rejects.ndjson`) : null,
    blankLines: scanner.blankLines,
  };
}

/**
 * Refuses a file whose first record is none: the engine skips one record as the header, and a row would be lost with the
 * counts still equal. Keeps the first fault for the case that no row is left.
 */
function noteFaults(sink: RecordSink, label: string): { sink: RecordSink; first(): string } {
  let headerSeen = false;
  let first = '';
  return {
    first: () => first,
    sink: {
      good(...run) {
        headerSeen = true;
        sink.good(...run);
      },
      bad(data, start, end, line, fault) {
        if (!headerSeen) {
          const what = `has a malformed header line: ${fault}`;
          throw new FileRefused('F02', label, what, 'write the names with commas alone between them');
        }
        const comma = data[end - 1] === 44 ? ', and it ends with a comma that the header has not' : '';
        first ||= `: line ${line} has ${fault}${comma}`;
        sink.bad(data, start, end, line, fault);
      },
    },
  };
}

const CRLF = Buffer.from('\r\n');

/** Writes good runs to the copy as they are, with the first record's line end everywhere, and bad lines to the NDJSON. */
function createCopy(path: string | null, rejectsPath: string): { sink: RecordSink; close(): void } {
  const out = path === null ? null : openSync(path, 'w');
  let rejects: number | null = null;
  let crlf: boolean | null = null;
  return {
    sink: {
      good(data, start, end, count) {
        if (out === null) return;
        crlf ??= data[data.indexOf(10, start) - 1] === 13;
        writeSync(out, sameLineEnds(data.subarray(start, end), count, crlf));
      },
      bad(data, start, end, line, message) {
        rejects ??= openSync(rejectsPath, 'w');
        const text = data.subarray(start, end).toString();
        writeSync(rejects, `${JSON.stringify({ line, rule: 'F04', message, text })}\n`);
      },
    },
    close() {
      if (out !== null) closeSync(out);
      if (rejects !== null) closeSync(rejects);
    },
  };
}

/** The run itself when all its lines end alike (nearly always), else a copy in which they do. */
function sameLineEnds(run: Buffer, count: number, crlf: boolean): Buffer {
  let pairs = 0;
  let feeds = 0;
  for (let at = run.indexOf(10); at >= 0; at = run.indexOf(10, at + 1)) {
    feeds++;
    if (run[at - 1] === 13) pairs++;
  }
  if (feeds === count && pairs === (crlf ? count : 0)) return run;
  return rewriteLineEnds(run, crlf);
}

/** Line ends inside quoted values belong to the value and stay. */
function rewriteLineEnds(run: Buffer, crlf: boolean): Buffer {
  const parts: Buffer[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < run.length; at++) {
    if (run[at] === 34) quoted = !quoted;
    if (run[at] !== 10 || quoted) continue;
    parts.push(run.subarray(start, run[at - 1] === 13 ? at - 1 : at), crlf ? CRLF : CRLF.subarray(1));
    start = at + 1;
  }
  parts.push(run.subarray(start));
  return Buffer.concat(parts);
}

function newlineOf({ crlfLines, lfLines }: RecordScanner): Spooled['newline'] {
  if (crlfLines > 0) return lfLines > 0 ? 'mixed' : 'crlf';
  return lfLines > 0 ? 'lf' : 'none';
}
