/** A real PgBouncer in front of a test server, as Debian packages it. */

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebian } from './debian.ts';
import { freePort } from './server.ts';

const PROGRAM = '/usr/sbin/pgbouncer';

export interface Pooler {
  /** The URL of a server on 127.0.0.1, by way of the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

export async function startPooler(
  serverPort: number,
  mode: 'transaction' | 'session',
  poolSize = 5,
): Promise<Pooler> {
  ensureDebian('pgbouncer', PROGRAM);
  const folder = mkdtempSync(join(tmpdir(), 'dor-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, 'users.txt'), '"postgres" "secret-word"\n');
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${mode}
default_pool_size = ${poolSize}
`,
  );
  // It refuses to run as root.
  const identity =
    process.getuid?.() === 0
      ? {
          uid: Number(execFileSync('id', ['-u', 'postgres'])),
          gid: Number(execFileSync('id', ['-g', 'postgres'])),
        }
      : {};
  const child = spawn(PROGRAM, ['-q', join(folder, 'pgbouncer.ini')], { ...identity, stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await answers(port);
  return {
    through: (url) => url.replace(/:\d+\//, `:${port}/`),
    async stop() {
      child.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(socket.destroy() && true));
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('PgBouncer does not answer');
}
