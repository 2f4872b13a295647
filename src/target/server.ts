/** A Postgres server, direct or behind a pooler. */

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { DorError, EXIT } from '../errors.ts';
import type { Target, TargetRow, Transaction } from './target.ts';

const CONNECT_MS = 15_000;

/** Connects to the server that a URL names. @throws DorError (3) without the credentials when that fails. */
export async function openServer(url: string): Promise<Target> {
  const options = parseUrl(url);
  const label = `${options.host}:${options.port}/${options.database}`;
  const client = new pg.Client({ ...options, connectionTimeoutMillis: CONNECT_MS, application_name: 'dor' });
  let lost: Error | null = null;
  client.on('error', (error) => {
    lost = error;
  });
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(label, error as Error);
  }
  /** Errors of the server pass; a lost connection is said to be one. */
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (lost || isConnectionError(error as Error)) throw unreachable(label, lost ?? (error as Error));
      throw error;
    }
  };
  const query = (sql: string, values?: unknown[]) =>
    guarded(async () => (await client.query<TargetRow>(sql, values)).rows);
  const transaction: Transaction = {
    query,
    copyIn: (relation, chunks) =>
      guarded(async () => {
        const sink = client.query(from(`copy ${relation} from stdin (format csv)`));
        const stop = () => sink.destroy(lost ?? new Error('the connection was closed'));
        client.once('end', stop);
        try {
          await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 2 }), sink);
        } finally {
          client.off('end', stop);
        }
      }),
    async *copyOut(select) {
      yield* client.query(to(`copy (${select}) to stdout (format csv)`)) as AsyncIterable<Buffer>;
    },
  };
  return {
    id: `${options.host.replaceAll(/[^\w.-]/g, '_')}-${shortHash(label)}`,
    label,
    schema: 'public',
    embedded: false,
    query,
    async transaction(work) {
      await query('begin');
      try {
        const result = await work(transaction);
        await query('commit');
        return result;
      } catch (error) {
        // A broken connection rolls back by itself.
        if (!lost) await client.query('rollback').catch(() => {});
        throw error;
      }
    },
    async close() {
      await client.end().catch(() => {});
    },
  };
}

function parseUrl(url: string) {
  try {
    const { hostname, port, username, password, pathname, searchParams } = new URL(url);
    const mode = searchParams.get('sslmode');
    return {
      host: searchParams.get('host') ?? (decodeURIComponent(hostname) || 'localhost'),
      port: Number(port || 5432),
      user: decodeURIComponent(username) || undefined,
      password: decodeURIComponent(password) || undefined,
      database: decodeURIComponent(pathname.slice(1)) || 'postgres',
      ssl: mode && mode !== 'disable' ? { rejectUnauthorized: mode !== 'no-verify' } : undefined,
    };
  } catch {
    // The URL itself may hold a password: it is not repeated.
    throw new DorError(
      'The target is no Postgres URL',
      'set SUPABASE_DB_URL to something like postgresql://user:password@host:5432/postgres',
      EXIT.usage,
    );
  }
}

function unreachable(label: string, error: Error): DorError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  // The driver's error may carry the connection options; only its message travels on.
  const reason = error.message || code;
  return new DorError(
    `The target ${label} cannot be reached or was lost: ${reason}`,
    'check SUPABASE_DB_URL, the network and the server, then run the command again; nothing was left half done',
    EXIT.unreachable,
  );
}

/** Class 08 (connection), 57P (shutdown) and socket errors. */
function isConnectionError(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const socket = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOST|ENET)/.test(code);
  return (
    socket || /^(08|57P)/.test(code) || /Connection terminated|connection was closed/i.test(error.message)
  );
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
