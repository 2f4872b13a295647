/** The second look at a file: line and text of the few records that were not accepted. */

import { readBytes } from './bytes.ts';
import type { Candidate } from './candidate.ts';
import { createDecoder, type Encoding } from './encoding.ts';
import { RecordScanner } from './records.ts';

export interface LocatedRecord {
  /** 0-based, among the well-formed records after the header. */
  ordinal: number;
  /** 1-based line in the source file; of a workbook the row of the sheet. */
  line: number;
  /** Sheet of a workbook, else nothing. */
  sheet?: string;
  text: string;
}

/** A text as it was read. */
interface ReadText {
  candidate: Candidate;
  encoding: Encoding;
  /** Fields of a record. */
  columns: number;
  scratch: string;
}

/** Finds records by their sorted ordinals in one pass. Stops as soon as the last one was found. */
export async function* locateRecords(
  { candidate, encoding, columns, scratch }: ReadText,
  ordinals: number[],
): AsyncGenerator<LocatedRecord> {
  if (ordinals.length === 0) return;
  let ordinal = -1;
  let next = 0;
  let found: LocatedRecord[] = [];
  const scanner = new RecordScanner(
    {
      good(data, start, end, _, line) {
        // The header is record -1.
        if (ordinal++ !== ordinals[next]) return;
        const text = data
          .subarray(start, end)
          .toString()
          .replace(/\r?\n$/, '');
        found.push({ ordinal: ordinals[next]!, line, text });
        next++;
      },
      bad() {},
    },
    { fields: columns, each: true },
  );
  const decoder = createDecoder(encoding);
  for await (const chunk of readBytes(candidate, scratch)) {
    scanner.push(decoder.push(chunk));
    yield* found;
    found = [];
    if (next >= ordinals.length) return;
  }
  scanner.push(decoder.end());
  scanner.end();
  yield* found;
}
