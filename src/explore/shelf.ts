/** The shelf of results: which are there, and which one goes when there is no more room. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DorError, EXIT } from '../errors.ts';
import { cancelled } from '../query/pool.ts';
import type { Column } from './requests.ts';

export interface ResultLimits {
  timeoutSeconds: number;
  /** MB of all query processes together. */
  memoryMb: number;
  /** MB of kept results and of what queries spill. */
  diskMb: number;
  /** Queries at work at the same time. */
  running: number;
  /** Results that are kept; the oldest goes first. */
  kept: number;
}

/** A result as the page hears of it. `rows` is null until all are there. */
export interface ResultInfo {
  id: string;
  columns: Column[];
  /** Rows that can be paged now. */
  ready: number;
  rows: number | null;
  seconds: number;
  /** Why not all rows came, though the first ones are there. */
  error: { message: string; remedy: string } | null;
}

export interface Result extends ResultInfo {
  query: string;
  /** The file that holds the rows that are ready. */
  file: string;
  running: boolean;
  /** Ends whatever is done for it. */
  abort: AbortController;
  /** Ends the query alone. */
  stop: AbortController;
  /** Done when all rows are kept, or never will be. */
  settled: Promise<void>;
  /** Files with the order of rows, by column and direction. */
  orders: Map<string, Promise<string>>;
  /** Every file that was written for it. */
  files: string[];
  /** How many pages, charts and downloads are being made of it. */
  readers: number;
}

export class Shelf {
  private readonly results = new Map<string, Result>();

  constructor(
    private readonly scratch: string,
    private readonly limits: Pick<ResultLimits, 'running' | 'kept'>,
  ) {}

  /** The result. @throws DorError when it is not, or no longer, there. */
  find(id: string): Result {
    const result = this.results.get(id);
    if (result) return result;
    throw new DorError('This result is no longer kept', 'run the query again', EXIT.usage);
  }

  holds(result: Result): boolean {
    return this.results.get(result.id) === result;
  }

  ids(): string[] {
    return [...this.results.keys()];
  }

  /** A place for the result of a query that is about to run. @throws DorError when it is taken, or too many run. */
  reserve(id: string, query: string): Result {
    const all = [...this.results.values()];
    const running = all.filter((one) => one.running).length;
    if (this.results.has(id)) throw new DorError(`${id} is already there`, 'choose another id', EXIT.usage);
    if (running >= this.limits.running)
      throw new DorError(`${running} queries are running`, 'cancel one, or wait for one to end', EXIT.busy);
    if (all.length >= this.limits.kept) this.dropOldest();
    const file = join(this.scratch, `${id}.head.parquet`);
    const result: Result = {
      id,
      query,
      columns: [],
      ready: 0,
      rows: null,
      seconds: 0,
      error: null,
      file,
      running: true,
      abort: new AbortController(),
      stop: new AbortController(),
      settled: Promise.resolve(),
      orders: new Map(),
      files: [file],
      readers: 0,
    };
    this.results.set(id, result);
    return result;
  }

  /** Stops a query; the rows that are ready stay. */
  stop(id: string): void {
    this.results.get(id)?.stop.abort(cancelled());
  }

  /** Stops a query, or forgets a result. */
  drop(id: string): void {
    const result = this.results.get(id);
    if (!result) return;
    this.results.delete(id);
    result.abort.abort(cancelled());
    result.settled.then(() => removeFiles(result));
  }

  /** The oldest result that is complete makes room; false when there is none. */
  dropOldest(): boolean {
    const oldest = [...this.results.values()].find((one) => !one.running && one.readers === 0);
    if (!oldest) return false;
    this.results.delete(oldest.id);
    oldest.abort.abort(cancelled());
    removeFiles(oldest);
    return true;
  }
}

function removeFiles({ files }: Result): void {
  for (const file of files) rmSync(file, { force: true });
}

export const infoOf = ({ id, columns, ready, rows, seconds, error }: Result): ResultInfo => ({
  id,
  columns,
  ready,
  rows,
  seconds,
  error,
});
