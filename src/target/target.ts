/** The Postgres that rows are published to: a server by `pg`, or the embedded one by PGlite; the same SQL for both. */

import { DorError, EXIT } from '../errors.ts';
import { parseAddress, refusePassword } from './address.ts';

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
  schema === 'public' ? `public.${relation}` : `"${schema}".${relation}`;

/** What may be said about a target beside its URL; each falls back to the environment. */
export interface TargetSettings {
  /** Schema of the published tables; DOR_SCHEMA, else public. */
  schema?: string;
  /** PEM file of the authority that signed the server's certificate; DOR_CA_FILE, else the URL's sslrootcert. */
  caFile?: string;
}

/**
 * URL of the server: the flag's, which must not hold a password, else that of the environment; undefined for the
 * embedded one.
 */
export function targetUrl(flag?: string): string | undefined {
  if (flag) refusePassword(flag);
  return flag || process.env.SUPABASE_DB_URL || undefined;
}

/**
 * Opens the target. @param url Postgres URL; without one the embedded Postgres in `folder` is used.
 * @param create whether the embedded one may be made; else an empty one in memory stands for what is not there.
 * @throws DorError with exit code 3 when it cannot be reached; the message never holds the password.
 */
export async function openTarget(
  url: string | undefined,
  folder: string,
  create: boolean,
  settings: TargetSettings = {},
): Promise<Target> {
  const schema = settings.schema ?? process.env.DOR_SCHEMA ?? 'public';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || /^(dor_internal$|pg_|information_schema$)/.test(schema)) {
    throw new DorError(
      `"${schema}" cannot be the schema of the published tables`,
      'take a lower-case name of letters, digits and underscores that is not a system schema',
      EXIT.usage,
    );
  }
  // Either driver takes a while to load, and one is enough.
  if (!url) return (await import('./embedded.ts')).openEmbedded(folder, create, schema);
  const { openServer } = await import('./server.ts');
  return openServer(parseAddress(url, settings.caFile ?? process.env.DOR_CA_FILE), schema);
}
