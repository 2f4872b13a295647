/** What is selected from a kept result: pages, charts, files. */

import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import { arrowChunks } from '../query/arrow.ts';
import { explained, quoted } from '../query/runQuery.ts';
import type { Relation, Results } from './results.ts';
import { writeWorkbook } from './workbook.ts';

export interface Sort {
  column: string;
  descending: boolean;
}

export interface ChartRequest {
  kind: 'bar' | 'line' | 'dot' | 'histogram';
  x: string;
  /** Null counts rows. */
  y: string | null;
  aggregate: 'sum' | 'avg' | 'median' | 'min' | 'max';
}

export const FILES = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** Rows of a page at most. */
export const PAGE_ROWS = 1000;
const POINTS = 2000;

/** Rows from `start` on, as an Arrow stream. Rows that are not there yet are waited for. */
export async function page(results: Results, id: string, start: number, rows: number, sort: Sort | null) {
  if (start + rows > results.get(id).ready || sort) await results.settled(id);
  const relation = results.relation(id);
  const names = relation.columns.map(quoted).join(', ');
  const { from, position } = relation;
  const range = `between ${start} and ${start + Math.min(rows, PAGE_ROWS) - 1}`;
  const query = sort
    ? `with ordered as (select row_at, rowid as place from ${await orderOf(results, id, sort)} where rowid ${range})
       select ${names} from ${from} join ordered on ${position} = row_at order by place`
    : `select ${names} from ${from} where ${position} ${range} order by ${position}`;
  return withConnection(results, async (connection) => {
    const parts: Uint8Array[] = [];
    for await (const { bytes } of arrowChunks(await connection.stream(query)))
      parts.push(bytes as Uint8Array);
    return Buffer.concat(parts);
  });
}

/** Points of a quick chart, aggregated by the engine over all rows: [x, y] or, for a histogram, [from, to, rows]. */
export async function chart(results: Results, id: string, request: ChartRequest) {
  await results.settled(id);
  const relation = results.relation(id);
  const types = new Map(results.get(id).columns.map(({ name, type }) => [name, type]));
  for (const column of [request.x, request.y]) if (column !== null) known(relation, column);
  return withConnection(results, async (connection) => {
    const reader = await connection.runAndReadAll(chartQuery(request, relation.from, types.get(request.x)!));
    const temporal = /^(DATE|TIMESTAMP)/.test(types.get(request.x)!);
    return { temporal, points: reader.getRowsJson() };
  });
}

function chartQuery({ kind, x, y, aggregate }: ChartRequest, from: string, type: string): string {
  const [across, up] = [quoted(x), y === null ? null : quoted(y)];
  const value = up ? `${aggregate}(${up})::double` : 'count(*)';
  switch (kind) {
    case 'bar':
      return `select ${across}::varchar, ${value} as v from ${from} group by 1 order by v desc nulls last limit 30`;
    case 'line': {
      const place = /CHAR|BOOL|ENUM/.test(type) ? `${across}::varchar` : across;
      return `select ${place} as x, ${value} from ${from} where ${across} is not null group by 1 order by 1 limit ${POINTS}`;
    }
    case 'dot':
      return `select ${across}, ${up ?? across}::double from ${from} where ${across} is not null using sample reservoir(${POINTS} rows) repeatable (1)`;
    case 'histogram':
      return `with v as (select ${across}::double as v from ${from} where ${across} is not null),
        ends as (select quantile_cont(v, 0.005) as low, quantile_cont(v, 0.995) as high from v)
        select low + floor((v - low) / width) * width, low + (floor((v - low) / width) + 1) * width, count(*)
        from v, (select low, high, greatest((high - low) / 40, 1e-9) as width from ends)
        where v >= low and v < high + width group by all order by 1`;
  }
}

/** A file of all rows, in their order on the page, as a stream. */
export async function download(results: Results, id: string, format: keyof typeof FILES, sort: Sort | null) {
  const { rows, columns, error } = await results.settled(id);
  if (rows === null) throw new DorError(error?.message ?? 'not complete', error?.remedy ?? '', EXIT.usage);
  const { from, position, columns: names } = results.relation(id);
  const list = names.map(quoted).join(', ');
  const query = sort
    ? `select ${list} from ${from} join (select row_at, rowid as place from ${await orderOf(results, id, sort)}) on ${position} = row_at order by place`
    : `select ${list} from ${from} order by ${position}`;
  if (format === 'csv' || format === 'parquet') return engineFile(results, query, format);
  const connection = await results.lake.connect();
  const result = await connection.stream(query);
  const close = () => connection.closeSync();
  if (format === 'xlsx') return writeWorkbook(result, { rows, columns, query: results.query(id) }, close);
  const parts = async function* () {
    try {
      for await (const { bytes } of arrowChunks(result)) yield bytes;
    } finally {
      close();
    }
  };
  return Readable.from(parts(), { objectMode: false });
}

/** Written by the engine on its own threads, streamed, then removed. */
async function engineFile(results: Results, query: string, format: 'csv' | 'parquet') {
  const path = join(results.lake.scratch, `download-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const options = format === 'csv' ? 'format csv, header' : 'format parquet, compression zstd';
  try {
    await withConnection(results, (connection) =>
      connection.run(`copy (${query}) to ${literal(path)} (${options})`),
    );
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return createReadStream(path).on('close', () => rmSync(path, { force: true }));
}

async function orderOf(results: Results, id: string, { column, descending }: Sort): Promise<string> {
  known(results.relation(id), column);
  return results.order(id, column, descending);
}

function known(relation: Relation, column: string): void {
  if (!relation.columns.includes(column))
    throw new DorError(`The result has no column ${column}`, relation.columns.join(', '), EXIT.usage);
}

async function withConnection<T>(results: Results, work: (connection: DuckDBConnection) => Promise<T>) {
  const connection = await results.lake.connect();
  try {
    return await work(connection);
  } catch (error) {
    throw explained(error as Error, results.lake.tables);
  } finally {
    connection.closeSync();
  }
}
