import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/target/address.ts';
import { openTarget, type TargetSettings } from '../../src/target/open.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { startServer, type TestServer } from '../server.ts';
import { dataFolder, dor, ingest } from '../workspace.ts';

/** An authority of our own and a certificate for the address 0.0.0.0: this machine, by a name that is not local. */
function makeCertificates(folder: string): void {
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority');
  openssl('req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server');
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:0.0.0.0');
  openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem',
  );
  if (process.getuid?.() === 0)
    chownSync(join(folder, 'server.key'), Number(execFileSync('id', ['-u', 'postgres'])), -1);
  chmodSync(join(folder, 'server.key'), 0o600);
}

describe('TLS', () => {
  let folder: string;
  let secure: TestServer;
  let plain: TestServer;
  let url: string;
  let ca: string;
  beforeAll(async () => {
    plain = await startServer();
    folder = mkdtempSync(join(tmpdir(), 'dor-tls-'));
    chmodSync(folder, 0o755);
    makeCertificates(folder);
    ca = join(folder, 'ca.pem');
    const settings = {
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.pem'),
      ssl_key_file: join(folder, 'server.key'),
    };
    secure = await startServer({ settings });
    url = (await secure.createDatabase('tls')).replace('127.0.0.1', '0.0.0.0');
  });
  afterAll(async () => {
    await secure?.stop();
    await plain?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether the connection is encrypted, as the server sees it. */
  async function encrypted(where: string, settings: TargetSettings = {}): Promise<unknown> {
    const target = await openTarget(where, '', true, settings);
    try {
      const [row] = await target.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return row?.ssl;
    } finally {
      await target.close();
    }
  }

  test('a host that is not local is verified, and its authority must be known', async () => {
    for (const mode of ['', '?sslmode=require', '?sslmode=prefer', '?sslmode=verify-full'])
      await expect(encrypted(url + mode), mode).rejects.toMatchObject({
        code: 3,
        message: expect.stringMatching(/certificate/),
        remedy: expect.stringMatching(/--ca-file/),
      });
    expect(await encrypted(url, { caFile: ca })).toBe(true);
    expect(await encrypted(`${url}?sslrootcert=${encodeURIComponent(ca)}`)).toBe(true);
    const cli = await dor(dataFolder(), ['migrate', '--plan'], { SUPABASE_DB_URL: url, DOR_CA_FILE: ca });
    expect(cli.code, cli.stderr).toBe(0);
  });

  test('a certificate for another host is refused, unless only the chain is asked for', async () => {
    const other = url.replace('0.0.0.0', '[::ffff:127.0.0.1]');
    await expect(encrypted(other, { caFile: ca })).rejects.toMatchObject({
      code: 3,
      remedy: expect.stringMatching(/another host/),
    });
    expect(await encrypted(`${other}?sslmode=verify-ca`, { caFile: ca })).toBe(true);
    await expect(encrypted(`${other}?sslmode=verify-ca`)).rejects.toMatchObject({ code: 3 });
  });

  test('only by name may it be unverified or off', async () => {
    expect(await encrypted(`${url}?sslmode=no-verify`)).toBe(true);
    expect(await encrypted(`${url}?sslmode=disable`)).toBe(false);
    const bare = (await plain.createDatabase('bare')).replace('127.0.0.1', '0.0.0.0');
    await expect(encrypted(bare)).rejects.toMatchObject({ remedy: expect.stringMatching(/sslmode=disable/) });
  });

  test('the password may come alone, from PGPASSWORD', async () => {
    const bare = (await plain.createDatabase('alone')).replace(':secret-word', '');
    const plan = (PGPASSWORD: string) =>
      dor(dataFolder(), ['migrate', '--plan', '--target', bare], { PGPASSWORD });
    expect((await plan('secret-word')).code).toBe(0);
    const wrong = await plan('hunter22');
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).not.toContain('hunter22');
  });

  test('a CA file that is none is a mistake of usage', async () => {
    const { code, stderr } = await dor(dataFolder(), ['migrate', '--plan', '--ca-file', '/nowhere.pem'], {
      SUPABASE_DB_URL: url,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/\/nowhere.pem is no readable PEM certificate/);
  });

  test('a wrong password appears nowhere: not in what is said, not in any file', async () => {
    const wrong = { written: 'hun%23ter%2F2&x', plain: 'hun#ter/2&x' };
    const data = inboxWithLiberty();
    const bad = `${url.replace('secret-word', wrong.written)}?sslrootcert=${ca}`;
    const run = await ingest(data, ['liberty'], { SUPABASE_DB_URL: bad });
    expect(run.code).toBe(3);
    expect(run.result.manifests[0].reason).toMatch(/password authentication failed/);
    const said = await dor(data, ['migrate'], { SUPABASE_DB_URL: bad });
    expect(said.stderr).toMatch(/check user and password in SUPABASE_DB_URL/);
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(data, name))
      .filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(5);
    for (const text of [
      run.stdout,
      run.stderr,
      said.stdout,
      said.stderr,
      ...files.map((path) => readFileSync(path, 'latin1')),
    ])
      for (const secret of Object.values(wrong)) expect(text.includes(secret)).toBe(false);
  });
});

describe('the URL', () => {
  test('no password on the command line', async () => {
    for (const url of [
      'postgresql://me:hunter22@127.0.0.1/x',
      'postgresql://me@127.0.0.1/x?password=hunter22',
      'me:hunter22@host',
    ]) {
      const { code, stderr } = await dor(dataFolder(), ['migrate', '--plan', '--target', url]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/SUPABASE_DB_URL/);
      expect(stderr).not.toContain('hunter22');
    }
  });

  test('a password with unescaped characters never becomes a host name', () => {
    for (const password of ['1234#secret', 'pass/word', '12?secret', 'a@b#c', '%zz'])
      expect(() => parseAddress(`postgresql://me:${password}@db.example.com:5432/x`)).toThrow(
        /no Postgres URL/,
      );
    expect(parseAddress('postgresql://me:a%23b%2F%40@db.example.com/x')).toMatchObject({
      password: 'a#b/@',
      host: 'db.example.com',
      tls: 'full',
      label: 'db.example.com:5432/x',
    });
    expect(parseAddress('postgresql://me@[::1]/x')).toMatchObject({ host: '::1', local: true, tls: 'off' });
  });
});

describe('what the network says, and what to do about it', () => {
  /** A server that refuses every login with one message, as Supabase's pooler does. */
  async function refusing(message: string): Promise<{ port: number; close(): void }> {
    const fields = `SFATAL\0VFATAL\0CXX000\0M${message}\0\0`;
    const answer = Buffer.alloc(5 + fields.length);
    answer.write('E');
    answer.writeInt32BE(4 + fields.length, 1);
    answer.write(fields, 5);
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as { port: number }).port, close: () => server.close() };
  }

  test('"Tenant or user not found" names the user name and the region', async () => {
    const pooler = await refusing('Tenant or user not found');
    const env = { SUPABASE_DB_URL: `postgresql://postgres:secret-word@127.0.0.1:${pooler.port}/postgres` };
    const { code, stderr } = await dor(dataFolder(), ['migrate'], env);
    pooler.close();
    expect(code).toBe(3);
    expect(stderr).toMatch(/Tenant or user not found[\s\S]*postgres\.<project>[\s\S]*region/);
  });

  test('a direct host of Supabase that cannot be reached names the session pooler', async () => {
    const env = {
      SUPABASE_DB_URL: 'postgresql://postgres:x@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
    };
    const { code, stderr } = await dor(dataFolder(), ['migrate'], env);
    expect(code).toBe(3);
    expect(stderr).toMatch(/IPv6 address only; use the session pooler/);
  });
});
