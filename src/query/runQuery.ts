/** `dor sql "<query>"`: one read-only query over the lake, in the format that is wanted. */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import { literal } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import { arrowChunks } from './arrow.ts';
import { type Lake, openLake } from './lakeViews.ts';
import { type TextFormat, textChunks } from './textFormats.ts';

export const FORMATS = ['table', 'csv', 'json', 'ndjson', 'markdown', 'arrow', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export interface QueryOptions {
  lake: string;
  query: string;
  format: Format;
  out: Writable;
  /** Rows that `table` and `markdown` show; the others are never cut. */
  limit: number;
  /** Macros, variables and temporary tables that a query of ours needs. */
  prepare?: (lake: Lake) => Promise<void>;
}

/** Runs the query and streams its rows out, chunk by chunk. Returns how many there were, and whether some were cut. */
export async function runQuery(options: QueryOptions): Promise<{ rows: number; cut: boolean }> {
  const lake = await openLake(options.lake);
  try {
    await options.prepare?.(lake);
    await refuseWriting(lake.connection, options.query);
    if (options.format === 'parquet') return await writeParquet(lake, options.query, options.out);
    const result = await lake.connection.stream(options.query);
    const chunks =
      options.format === 'arrow'
        ? arrowChunks(result)
        : textChunks(result, options.format as TextFormat, options.limit);
    let last = { rows: 0, cut: false };
    for await (const { bytes, ...counts } of chunks) {
      last = counts;
      if (!options.out.write(bytes)) await once(options.out, 'drain');
    }
    return last;
  } catch (error) {
    if (error instanceof DorError) throw error;
    throw explained(error as Error, lake.tables);
  } finally {
    lake.close();
  }
}

/** Decided by the engine's own parser, not by the text. What EXPLAIN ANALYZE would run must be a query, too. */
async function refuseWriting(connection: DuckDBConnection, text: string): Promise<void> {
  const query = text.replace(/^\s*explain(\s+analyze)?\b/i, '');
  const statements = await connection.extractStatements(query);
  if (statements.count !== 1) {
    throw new DorError(
      `One query at a time, these are ${statements.count}`,
      'run them one by one',
      EXIT.usage,
    );
  }
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) {
    throw new DorError(
      'Only queries that read are run here; the lake is written by dor ingest alone',
      'begin with select, from, with, describe, summarize or explain',
      EXIT.usage,
    );
  }
  prepared.destroySync();
}

/** Parquet is made by the engine, in a folder of its own that the session may write to, and copied out. */
async function writeParquet({ connection, scratch }: Lake, query: string, out: Writable) {
  const path = join(scratch, 'result.parquet');
  const { rowsChanged } = await connection.run(
    `copy (${query.replace(/;\s*$/, '')}) to ${literal(path)} (format parquet, compression zstd)`,
  );
  await pipeline(createReadStream(path), out, { end: false });
  return { rows: rowsChanged, cut: false };
}

function explained(error: Error, tables: string[]): DorError {
  const message = error.message.replace(/\n\nLINE.*$/s, '').trim();
  const known = tables.some((name) => name.startsWith('dor_'))
    ? `tables here: ${tables.join(', ')}`
    : 'nothing is staged yet: run make ingest COUNTY=…';
  return new DorError(`The query failed: ${message}`, known, EXIT.usage);
}
