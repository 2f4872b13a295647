/** A roll as a Parquet file: what it is, how much it holds, and the rows of it that were rejected. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Engine } from '../engine.ts';
import { FileRefused } from '../errors.ts';
import { literal, quoted, verbatim } from '../sqlText.ts';
import { type Candidate, displayName } from './candidate.ts';
import { type Identity, identifyRows } from './identity.ts';
import type { LocatedRecord } from './locate.ts';

/** @throws FileRefused F01 when the file is damaged. */
export async function identifyParquet(candidate: Candidate, engine: Engine): Promise<Identity> {
  const file = `read_parquet(${literal(verbatim(candidate.onDisk!))})`;
  try {
    const header = (await engine.rows(`describe from ${file}`)).map((row) => String(row.column_name));
    const rows = await engine.rows(`select columns(*)::varchar from ${file} limit 100`);
    return identifyRows(
      candidate,
      header,
      rows.map((row) => header.map((name) => String(row[name] ?? ''))),
    );
  } catch (error) {
    if (error instanceof FileRefused) throw error;
    const what = `is a damaged Parquet file (${(error as Error).message.split('\n')[0]})`;
    throw new FileRefused('F01', displayName(candidate), what, 'make it again');
  }
}

/** What is known of a Parquet file before the engine reads it: the hash of its bytes, and how many rows its footer counts. */
export async function measureParquet(
  candidate: Candidate,
  engine: Engine,
): Promise<{ sha256: string; records: number }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(candidate.onDisk!)) hash.update(chunk as Buffer);
  const { records } = await engine.row(
    `select sum(num_rows)::bigint as records from parquet_file_metadata(${literal(verbatim(candidate.onDisk!))})`,
  );
  return { sha256: hash.digest('hex'), records: Number(records) };
}

/** Rejected rows of a Parquet file that one query looks up: their texts are in memory together. */
const LOOKED_UP = 20_000;

/**
 * A Parquet file has rows and no lines: the row's number counts as its line, its JSON as its text. By the row's number in
 * the file, because the engine keeps no order.
 */
export async function* locateInParquet(
  candidate: Candidate,
  ordinals: number[],
  engine: Engine,
): AsyncGenerator<LocatedRecord> {
  const path = literal(verbatim(candidate.onDisk!));
  const names = (await engine.rows(`describe from read_parquet(${path})`)).map((row) =>
    String(row.column_name),
  );
  const cells = names.map((name) => `${literal(name)}, ${quoted(name)}`);
  for (let from = 0; from < ordinals.length; from += LOOKED_UP) {
    const rows = await engine.rows(
      `select file_row_number as number, json_object(${cells.join(', ')})::varchar as text
       from read_parquet(${path}, file_row_number = true)
       where file_row_number in (${ordinals.slice(from, from + LOOKED_UP).join(', ')}) order by number`,
    );
    for (const { number, text } of rows)
      yield { ordinal: Number(number), line: Number(number) + 1, text: String(text) };
  }
}
