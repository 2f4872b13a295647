/** One ingest of a county at a time. */

import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';
import { makeFolder } from '../forbidden.ts';

/**
 * Takes the lock file at `path` and returns the function that gives it back.
 * The lock is the one DuckDB takes on a database file: the kernel releases it when the process ends, however it
 * ends, so there is no stale lock to clean up and no process id to guess from.
 * @throws DorError with exit code 75 when another process holds it.
 */
export async function takeLock(path: string, what: string): Promise<() => void> {
  makeFolder(dirname(path));
  try {
    const instance = await DuckDBInstance.create(path, { threads: '1', memory_limit: '16MB' });
    return () => instance.closeSync();
  } catch (error) {
    if (!/lock/i.test((error as Error).message)) throw error;
    throw new DorError(
      `${what} is being worked on by another process (${path})`,
      'wait until it has ended and run the command again; both see the same state then',
      EXIT.busy,
      { cause: error },
    );
  }
}
