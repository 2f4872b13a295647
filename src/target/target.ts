/** The Postgres that rows are published to: a server by `pg`, or the embedded one by PGlite; the same SQL for both. */

import { openEmbedded } from './embedded.ts';
import { openServer } from './server.ts';

export type TargetRow = Record<string, unknown>;

/** What may be done inside a transaction. */
export interface Transaction {
  query(sql: string, values?: unknown[]): Promise<TargetRow[]>;
  /** COPY … FROM STDIN (FORMAT csv). Each chunk must end with a whole line. */
  copyIn(relation: string, chunks: AsyncIterable<Buffer>): Promise<void>;
  /** The rows of a query as CSV without a header. */
  copyOut(query: string): AsyncIterable<Buffer>;
}

export interface Target {
  /** Names the lake's record of what this target holds; no credentials in it. */
  readonly id: string;
  /** For people: host and database, or the folder. */
  readonly label: string;
  /** Schema of the published tables: a plain lower-case identifier. */
  readonly schema: string;
  /** The bundled sample may only go to the embedded target. */
  readonly embedded: boolean;
  query(sql: string, values?: unknown[]): Promise<TargetRow[]>;
  /** Commits when `work` resolves and rolls back when it rejects. Nothing outlives the transaction: poolers are fine. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** URL of the server that the environment names; undefined for the embedded one. */
export const targetUrl = () => process.env.SUPABASE_DB_URL || undefined;

/**
 * Opens the target. @param url Postgres URL; without one the embedded Postgres in `folder` is used.
 * @param create whether the embedded one may be made; else an empty one in memory stands for what is not there.
 * @throws DorError with exit code 3 when it cannot be reached; the message never holds the password.
 */
export function openTarget(url: string | undefined, folder: string, create: boolean): Promise<Target> {
  return url ? openServer(url) : openEmbedded(folder, create);
}
