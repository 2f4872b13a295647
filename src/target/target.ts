import { quoted } from '../sqlText.ts'; /** The Postgres that rows are published to: a server by `pg`, or the embedded one by PGlite; the same SQL for both. */

export type TargetRow = Record<string, unknown>;

/** What may be done inside a transaction. */
export interface Transaction {
  /** One statement; without values also several, whose rows are then not returned. */
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

/** A relation by its whole name, as SQL: any schema may be named like a word of the language, such as user. */
export const inSchema = (schema: string, relation: string) =>
  schema === 'public' ? `public.${relation}` : `${quoted(schema)}.${relation}`;
