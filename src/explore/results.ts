/** Queries of the page: each on a connection of its own, its first rows at once, all its rows kept for paging. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { literal } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import type { Lake } from '../query/lakeViews.ts';
import { checkParameters, type Values } from '../query/parameters.ts';
import { isExplain, refuseWriting } from '../query/readOnly.ts';
import { exactForParquet, explained, quoted } from '../query/runQuery.ts';
import { withoutEnd } from '../query/statements.ts';

export interface ResultLimits {
  timeoutSeconds: number;
  /** Queries at work at the same time. */
  running: number;
  /** Results that are kept; the oldest goes first. */
  kept: number;
}

/** A result as the page hears of it. `rows` is null until all are there. */
export interface ResultInfo {
  id: string;
  columns: { name: string; type: string }[];
  /** Rows that can be paged now. */
  ready: number;
  rows: number | null;
  seconds: number;
  /** Why not all rows came, though the first ones are there. */
  error: { message: string; remedy: string } | null;
}

/** What a page, a chart or a download is selected from, and the column that counts its rows from 0. */
export interface Relation {
  from: string;
  position: string;
  columns: string[];
}

interface Result extends ResultInfo {
  query: string;
  relation: Relation;
  running: boolean;
  connection: DuckDBConnection | null;
  cancelled: boolean;
  /** Done when all rows are kept, or never will be. */
  settled: Promise<void>;
  /** Tables with the order of rows, by column and direction. */
  orders: Map<string, Promise<string>>;
}

/** First rows of a result; one with no more than these is complete with them and has run once. With one more, a chunk of the engine. */
const HEAD = 2047;

export class Results {
  private readonly results = new Map<string, Result>();
  private count = 0;

  constructor(
    readonly lake: Lake,
    private readonly limits: ResultLimits,
  ) {}

  /** Runs a query until its first rows are there. @throws DorError when it fails, is cancelled or takes too long. */
  async run(id: string, query: string, values: Values): Promise<ResultInfo> {
    const result = this.reserve(id, query);
    const timer = setTimeout(() => {
      result.error = { message: `The query was stopped after ${this.limits.timeoutSeconds} s`, remedy: '' };
      interrupt(result);
    }, this.limits.timeoutSeconds * 1000);
    const started = performance.now();
    const elapsed = () => Number(((performance.now() - started) / 1000).toFixed(3));
    const end = () => {
      clearTimeout(timer);
      result.seconds = elapsed();
      result.running = false;
      result.connection?.closeSync();
      result.connection = null;
    };
    const head = this.readHead(result, values);
    result.settled = head.catch(() => {});
    try {
      await head;
    } catch (error) {
      const reason = this.reasonOf(result, error as Error);
      end();
      this.drop(id);
      throw reason;
    }
    result.seconds = elapsed();
    if (result.rows !== null) end();
    else result.settled = this.keepAll(result, values).finally(end);
    return infoOf(result);
  }

  /** The result. @throws DorError when it is not, or no longer, there. */
  get(id: string): ResultInfo {
    return infoOf(this.find(id));
  }

  /** Waits until all rows are there, or the reason why not. */
  async settled(id: string): Promise<ResultInfo> {
    const result = this.find(id);
    await result.settled;
    return infoOf(result);
  }

  relation(id: string): Relation {
    return this.find(id).relation;
  }

  query(id: string): string {
    return this.find(id).query;
  }

  /** A table whose rows, by rowid, are the positions of the result in that order. Made once, nulls last. */
  async order(id: string, column: string, descending: boolean): Promise<string> {
    const result = this.find(id);
    await result.settled;
    const key = `${descending} ${column}`;
    const { from, position } = result.relation;
    const made = result.orders.get(key) ?? this.makeOrder(from, position, column, descending);
    result.orders.set(key, made);
    return made;
  }

  /** Stops a query, or forgets a result. */
  drop(id: string): void {
    const result = this.results.get(id);
    if (!result) return;
    result.cancelled = true;
    if (result.running) interrupt(result);
    this.results.delete(id);
    void result.settled.then(() => this.forget(result));
  }

  /** Stops everything and waits for it, so that the session can be closed. */
  async close(): Promise<void> {
    const all = [...this.results.values()];
    for (const { id } of all) this.drop(id);
    await Promise.allSettled(all.map((one) => one.settled));
  }

  /** Frees what a result holds; a session that is closed meanwhile holds nothing any more. */
  private async forget(result: Result): Promise<void> {
    const { from } = result.relation;
    const orders = await Promise.allSettled(result.orders.values());
    const names = orders.flatMap((order) => (order.status === 'fulfilled' ? [order.value] : []));
    if (from.startsWith('"')) names.push(from);
    rmSync(this.fileOf(result), { force: true });
    try {
      for (const name of names) await this.lake.connection.run(`drop table if exists ${name}`);
    } catch {
      // Closed.
    }
  }

  private reserve(id: string, query: string): Result {
    const all = [...this.results.values()];
    const running = all.filter((one) => one.running).length;
    if (this.results.has(id)) throw new DorError(`${id} is already there`, 'choose another id', EXIT.usage);
    if (running >= this.limits.running)
      throw new DorError(`${running} queries are running`, 'cancel one, or wait for one to end', EXIT.busy);
    const oldest = all.find((one) => !one.running);
    if (all.length >= this.limits.kept && oldest) this.drop(oldest.id);
    const result: Result = {
      id,
      query,
      columns: [],
      ready: 0,
      rows: null,
      seconds: 0,
      error: null,
      relation: { from: quoted(`result_${++this.count}`), position: 'rowid', columns: [] },
      running: true,
      connection: null,
      cancelled: false,
      settled: Promise.resolve(),
      orders: new Map(),
    };
    this.results.set(id, result);
    return result;
  }

  /** The first rows come from a limit around the query, which stops a scan early and makes a sort a top-n. */
  private async readHead(result: Result, values: Values): Promise<void> {
    await this.lake.refresh();
    const connection = await this.lake.connect();
    result.connection = connection;
    const { query, relation } = result;
    await refuseWriting(connection, query);
    await checkParameters(connection, query, values);
    const head = isExplain(query) ? query : `from (\n${withoutEnd(query)}\n) limit ${HEAD + 1}`;
    const stream = await connection.stream(head, values);
    const names = stream.deduplicatedColumnNames();
    result.columns = names.map((name, at) => ({ name, type: String(stream.columnType(at)) }));
    relation.columns = names;
    const chunks: DuckDBDataChunk[] = [];
    for (let chunk = await stream.fetchChunk(); chunk?.rowCount; chunk = await stream.fetchChunk()) {
      chunks.push(chunk);
      result.ready += chunk.rowCount;
    }
    const types = result.columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');
    await connection.run(`create table ${relation.from} (${types})`);
    const appender = await connection.createAppender(relation.from.slice(1, -1));
    for (const chunk of chunks) appender.appendDataChunk(chunk);
    appender.closeSync();
    if (result.cancelled) throw new Error('cancelled');
    if (result.ready <= HEAD) result.rows = result.ready;
  }

  /** The engine writes all rows to a file that is made to be read by position: quickly written, small row groups. */
  private async keepAll(result: Result, values: Values): Promise<void> {
    const connection = result.connection!;
    const file = this.fileOf(result);
    const table = result.relation.from;
    try {
      const rows = await exactForParquet(connection, result.query);
      const { rowsChanged } = await connection.run(
        `copy (${rows}) to ${literal(file)} (format parquet, compression uncompressed, row_group_size 24576)`,
        values,
      );
      result.relation = {
        ...result.relation,
        from: `read_parquet(${literal(file)}, file_row_number = true)`,
        position: 'file_row_number',
      };
      result.rows = rowsChanged;
      result.ready = rowsChanged;
      await connection.run(`drop table ${table}`);
    } catch (error) {
      const { message, remedy } = this.reasonOf(result, error as Error);
      result.error = { message, remedy };
    }
  }

  private async makeOrder(from: string, position: string, column: string, descending: boolean) {
    const name = quoted(`order_${++this.count}`);
    const connection = await this.lake.connect();
    const direction = descending ? 'desc' : 'asc';
    try {
      await connection.run(
        `create table ${name} as select ${position} as row_at from ${from} order by ${quoted(column)} ${direction} nulls last, ${position}`,
      );
    } finally {
      connection.closeSync();
    }
    return name;
  }

  private find(id: string): Result {
    const result = this.results.get(id);
    if (result) return result;
    throw new DorError('This result is no longer kept', 'run the query again', EXIT.usage);
  }

  private fileOf(result: Result): string {
    return join(this.lake.scratch, `${result.id}.parquet`);
  }

  private reasonOf(result: Result, error: Error): DorError {
    if (result.error)
      return new DorError(result.error.message, 'narrow the query, or start with --timeout', EXIT.usage);
    if (result.cancelled)
      return new DorError('The query was cancelled', 'run it again when it is wanted', EXIT.usage);
    return explained(error, this.lake.tables);
  }
}

/** An interrupt between two statements is lost, so it is repeated until the query has ended. */
function interrupt(result: Result): void {
  const again = setInterval(() => {
    if (result.running) result.connection?.interrupt();
    else clearInterval(again);
  }, 50);
}

const infoOf = ({ id, columns, ready, rows, seconds, error }: Result): ResultInfo => ({
  id,
  columns,
  ready,
  rows,
  seconds,
  error,
});
