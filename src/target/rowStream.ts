/** Rows on their way from DuckDB to Postgres: as bytes, through a named pipe, never as objects. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, type ReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { literal } from '../sqlText.ts';

/** What a pipe holds: each read allocates as much, and more of it would stay empty. */
const CHUNK_BYTES = 1 << 16;

/**
 * The rows of a DuckDB query as CSV without a header, as Postgres's COPY reads it: NULL is nothing, '' does not occur.
 * The first value of a row is quoted: before PostgreSQL 18 a line of nothing but \. ends the COPY, and the rows behind it
 * are lost without a word. Quoting the others, too, would be a quarter more bytes for nothing.
 * The pipe holds a few KB, so that whoever reads slowly slows DuckDB down, and nothing piles up in memory or on disk.
 * Chunks end with whole lines.
 */
export async function* streamRows(engine: Engine, select: string, scratch: string): AsyncGenerator<Buffer> {
  const pipe = join(scratch, `rows-${process.pid}-${Math.random().toString(36).slice(2)}`);
  execFileSync('mkfifo', [pipe]);
  const reader = createReadStream(pipe, { highWaterMark: CHUNK_BYTES });
  let failure: unknown = null;
  const writing = engine
    .run(
      `copy (select * from (${select}) as lines(line_start)) to ${literal(pipe)}
       (format csv, header false, force_quote (line_start), use_tmp_file false)`,
    )
    .catch(async (error) => {
      failure = error;
      await release(reader, pipe);
    });
  try {
    yield* wholeLines(reader);
    await writing;
    if (failure) throw failure;
  } finally {
    // When nobody reads on, the writer ends with a broken pipe.
    reader.destroy();
    await writing;
    rmSync(pipe, { force: true });
  }
}

/** A query that fails before it opens the pipe leaves the reader waiting for a writer: it gets one that says nothing. */
async function release(reader: ReadStream, pipe: string): Promise<void> {
  const descriptor = openSync(pipe, 'r+');
  if (reader.pending && !reader.destroyed) await once(reader, 'open');
  closeSync(descriptor);
}

/** Cuts a CSV stream only where a line ends outside quotes. */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const end = lastLineEnd(data);
    if (end > 0) yield data.subarray(0, end);
    rest = Buffer.from(data.subarray(end));
  }
  if (rest.length > 0) yield rest;
}

/** Position behind the last line end outside quotes; 0 when there is none. `data` begins outside quotes. */
function lastLineEnd(data: Buffer): number {
  let end = 0;
  let quoted = false;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at];
    if (byte === 34) quoted = !quoted;
    else if (byte === 10 && !quoted) end = at + 1;
  }
  return end;
}
