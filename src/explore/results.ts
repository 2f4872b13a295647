/** Results of the page's queries: each query in a process of its own, its first rows at once, all its rows kept in a file. */

import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DorError, EXIT } from '../errors.ts';
import type { Values } from '../query/parameters.ts';
import { type JobOptions, QueryPool } from '../query/pool.ts';
import { Gate } from './gate.ts';
import type { Kept } from './pages.ts';
import { type ChartRequest, columnAt, type FileFormat, type Sort } from './requests.ts';
import { infoOf, type Result, type ResultInfo, type ResultLimits, Shelf } from './shelf.ts';
import type { ExploreJobs } from './worker.ts';

/** Pages and charts at the same time, and downloads, beside the queries: none of them takes a query's place. */
const READERS = 3;
const DOWNLOADS = 1;

export class Results {
  private readonly shelf: Shelf;
  private readonly pool: QueryPool<ExploreJobs>;
  private readonly scratch: string;
  private readonly readers = new Gate(READERS);
  private readonly downloads = new Gate(DOWNLOADS);
  private count = 0;

  constructor(
    session: { lake: string; scratch: string },
    private readonly limits: ResultLimits,
  ) {
    this.scratch = session.scratch;
    this.shelf = new Shelf(session.scratch, limits);
    const { memoryMb, diskMb, running } = limits;
    this.pool = new QueryPool<ExploreJobs>(
      new URL('./worker.ts', import.meta.url),
      session,
      { memoryMb, diskMb, jobs: running + READERS + DOWNLOADS },
      () => this.shelf.dropOldest(),
    );
  }

  /** Waits until a process is there for the first query. */
  warm(): Promise<void> {
    return this.pool.warm();
  }

  /** The tables of the lake and their columns. */
  async tables() {
    const leave = await this.readers.enter();
    return this.pool.run('tables', undefined, this.time()).finally(leave);
  }

  /** Keywords and functions of the engine. */
  async words() {
    const leave = await this.readers.enter();
    return this.pool.run('words', undefined, this.time()).finally(leave);
  }

  /** Runs a query until its first rows are there. @throws DorError when it fails, is cancelled or passes a limit. */
  async run(id: string, query: string, values: Values): Promise<ResultInfo> {
    const result = this.shelf.reserve(id, query);
    const started = performance.now();
    const seconds = () => Number(((performance.now() - started) / 1000).toFixed(3));
    const options = (file: string): JobOptions => ({
      signal: AbortSignal.any([result.abort.signal, result.stop.signal]),
      seconds: this.limits.timeoutSeconds,
      since: started,
      writes: file,
    });
    const end = () => {
      result.running = false;
      result.seconds = seconds();
    };
    const head = this.pool.run('head', { query, values, file: result.file }, options(result.file));
    result.settled = head.then(
      () => {},
      () => {},
    );
    try {
      const { columns, rows, complete } = await head;
      Object.assign(result, { columns, ready: rows, seconds: seconds() });
      if (complete) {
        result.rows = rows;
        end();
      } else result.settled = this.keepAll(result, values, options).finally(end);
    } catch (error) {
      end();
      if (this.shelf.holds(result)) this.drop(id);
      throw error;
    }
    return infoOf(result);
  }

  /** The result. @throws DorError when it is not, or no longer, there. */
  get(id: string): ResultInfo {
    return infoOf(this.shelf.find(id));
  }

  /** Waits until all rows are there, or the reason why not. */
  async settled(id: string): Promise<ResultInfo> {
    const result = this.shelf.find(id);
    await result.settled;
    return infoOf(result);
  }

  /** Rows from `start` on, as an Arrow stream. Rows that are not there yet are waited for. */
  async page(id: string, start: number, rows: number, sort: Sort | null): Promise<Uint8Array> {
    if (start + rows > this.shelf.find(id).ready || sort) await this.settled(id);
    return this.reading(id, this.readers, async (result) =>
      this.pool.run('page', { ...(await this.kept(result, sort)), start, rows }, this.time()),
    );
  }

  /** Points of a quick chart over all rows. */
  async chart(id: string, request: ChartRequest) {
    await this.settled(id);
    return this.reading(id, this.readers, async (result) =>
      this.pool.run('chart', { ...(await this.kept(result, null)), request }, this.time()),
    );
  }

  /**
   * A file of all rows, in their order on the page; it goes when it was read, or when nobody wants it any more.
   * @param gone whoever asked has left: what is made for them ends.
   */
  async download(id: string, format: FileFormat, sort: Sort | null, gone?: AbortSignal): Promise<Readable> {
    const { rows, error } = await this.settled(id);
    if (rows === null) throw new DorError(error?.message ?? 'not complete', error?.remedy ?? '', EXIT.usage);
    const to = join(this.scratch, `download-${++this.count}`);
    const remove = () => rmSync(to, { force: true });
    const make = async (result: Result) => {
      const signal = AbortSignal.any([result.abort.signal, ...(gone ? [gone] : [])]);
      const kept = await this.kept(result, sort);
      const wanted = { ...kept, format, to, rows, query: result.query };
      await this.pool.run('file', wanted, { ...this.time(), signal, writes: to });
      return createReadStream(to).on('close', remove);
    };
    return this.reading(id, this.downloads, make, gone).catch((failure) => {
      remove();
      throw failure;
    });
  }

  /** Stops a query; the rows that are ready stay. */
  stop(id: string): void {
    this.shelf.stop(id);
  }

  /** Stops a query, or forgets a result. */
  drop(id: string): void {
    this.shelf.drop(id);
  }

  /** Stops everything and waits for it. */
  async close(): Promise<void> {
    for (const id of this.shelf.ids()) this.drop(id);
    await this.pool.close();
  }

  /** What a page or a download may take: as long as a query. */
  private time(): JobOptions {
    return { seconds: this.limits.timeoutSeconds };
  }

  /** Reads a result, which is not given up meanwhile to make room. */
  private async reading<T>(
    id: string,
    gate: Gate,
    read: (result: Result) => Promise<T>,
    gone?: AbortSignal,
  ): Promise<T> {
    const result = this.shelf.find(id);
    result.readers++;
    try {
      const leave = await gate.enter(gone);
      return await read(result).finally(leave);
    } catch (error) {
      // Files that went with it are not what is wrong.
      this.shelf.find(id);
      throw error;
    } finally {
      result.readers--;
    }
  }

  private async keepAll(
    result: Result,
    values: Values,
    options: (file: string) => JobOptions,
  ): Promise<void> {
    const file = join(this.scratch, `${result.id}.parquet`);
    result.files.push(file);
    try {
      const { query, columns } = result;
      const rows = await this.pool.run('keep', { query, values, file, columns }, options(file));
      Object.assign(result, { file, rows, ready: rows });
    } catch (error) {
      // The first rows stay; what was written of all of them is nothing.
      rmSync(file, { force: true });
      const { message, remedy } = error as DorError;
      result.error = { message, remedy: remedy ?? '' };
    }
  }

  /** The files of a result. @throws DorError when it has no column to sort by of that name. */
  private async kept(result: Result, sort: Sort | null): Promise<Kept> {
    const { file, columns } = result;
    return { file, columns, order: sort ? await this.order(result, sort) : null };
  }

  /** A file with the positions of the result in that order. Made once. */
  private order(result: Result, { column, descending }: Sort): Promise<string> {
    const at = columnAt(result.columns, column);
    const key = `${descending} ${at}`;
    const made = result.orders.get(key) ?? this.makeOrder(result, at, descending);
    result.orders.set(key, made);
    made.catch(() => result.orders.delete(key));
    return made;
  }

  private async makeOrder(result: Result, at: number, descending: boolean): Promise<string> {
    const file = join(this.scratch, `${result.id}.order-${at}-${descending}.parquet`);
    result.files.push(file);
    await this.pool.run(
      'order',
      { from: result.file, at, descending, file },
      { ...this.time(), signal: result.abort.signal, writes: file },
    );
    return file;
  }
}
