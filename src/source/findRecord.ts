/** One record of a source file by its key: the way back from a published row. */

import { createHash } from 'node:crypto';
import { splitLine } from '../csvLine.ts';
import type { Dataset } from '../model.ts';
import { readBytes } from './bytes.ts';
import type { Candidate } from './candidate.ts';
import { createDecoder, type Encoding } from './encoding.ts';
import { canonicalColumns } from './header.ts';
import { RecordScanner } from './records.ts';

export interface RecordSearch {
  candidate: Candidate;
  dataset: Dataset;
  encoding: Encoding;
  /** Canonical column name → value, upper-case. */
  key: Record<string, string>;
  /** True for a record that was rejected: a copy of the key there is not the row. */
  rejected: (line: number, ordinal: number) => boolean;
  /** Read on to the end for the hash, because size or time of the file are not what they were. */
  hash: boolean;
}

export interface SourceRecord {
  /** 1-based. */
  line: number;
  /** 0-based, among the well-formed records after the header. */
  ordinal: number;
  /** As it stands in the file, without its line end. */
  text: string;
  /** Text of each column under its canonical name. */
  values: Record<string, string>;
}

/** Looks for the first record with the key. `sha256` only when it was asked for. */
export async function findRecord(
  search: RecordSearch,
  scratch: string,
): Promise<{ record: SourceRecord | null; sha256: string | null }> {
  const { candidate, encoding, hash } = search;
  const decoder = createDecoder(encoding);
  const digest = hash ? createHash('sha256') : null;
  let state: { scanner: RecordScanner; found: () => SourceRecord | null } | null = null;
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(candidate, scratch)) {
    digest?.update(chunk);
    if (state?.found()) {
      if (digest) continue;
      break;
    }
    const text = decoder.push(chunk);
    if (state) {
      state.scanner.push(text);
      continue;
    }
    // The number of fields is only known with the header.
    head = Buffer.concat([head, text]);
    if (!/[^\r\n][^\n]*\n/.test(head.toString('latin1'))) continue;
    state = startSearch(head, search);
    state.scanner.push(head);
  }
  if (state && !state.found()) {
    state.scanner.push(decoder.end());
    state.scanner.end();
  }
  return { record: state?.found() ?? null, sha256: digest?.digest('hex') ?? null };
}

function startSearch(head: Buffer, { dataset, key, rejected }: RecordSearch) {
  const header =
    head
      .toString()
      .split(/\r?\n/)
      .find((line) => line !== '') ?? '';
  const columns = canonicalColumns(dataset, splitLine(header));
  const wanted = Object.entries(key).map(([name, value]) => ({ index: columns.indexOf(name), value }));
  // Nearly every record is passed over by a look for the first value alone.
  const needles = [wanted[0]!.value, wanted[0]!.value.toLowerCase()].map((value) => Buffer.from(value));
  let found: SourceRecord | null = null;
  // The header is record -1.
  let ordinal = -2;
  const scanner = new RecordScanner(
    {
      good(data, start, end, _, line) {
        ordinal++;
        if (found) return;
        const bytes = data.subarray(start, end);
        if (!needles.some((needle) => bytes.includes(needle))) return;
        const text = bytes.toString().replace(/\r?\n$/, '');
        const values = splitLine(text);
        if (wanted.some(({ index, value }) => values[index]?.trim().toUpperCase() !== value)) return;
        if (rejected(line, ordinal)) return;
        found = {
          line,
          ordinal,
          text,
          values: Object.fromEntries(columns.map((name, at) => [name, values[at] ?? ''])),
        };
      },
      bad() {},
    },
    { fields: columns.length, each: true },
  );
  return { scanner, found: () => found };
}
