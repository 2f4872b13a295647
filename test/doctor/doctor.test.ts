import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import { examine } from '../../src/doctor/doctor.ts';
import { dataPaths } from '../../src/lake/paths.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { startPooler } from '../pgbouncer.ts';
import { rows, type TestServer } from '../server.ts';
import { asRole, startSupabase } from '../supabase.ts';
import { dor, ingest, temporaryFolder } from '../workspace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
});
afterAll(() => server?.stop());

/** The findings by name. */
async function look(url: string | undefined, data = temporaryFolder()): Promise<Record<string, Diagnosis>> {
  const findings = await examine(url, {}, dataPaths(data));
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

describe('a published county', () => {
  let url: string;
  test('is fine; what is staged and not published is counted; --json says the same', async () => {
    url = await server.createDatabase('doctor');
    const data = inboxWithLiberty();
    const env = { SUPABASE_DB_URL: url };
    await ingest(data, ['liberty', '--no-push']);
    const before = await look(url, data);
    expect(before.migrations).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/pending: 0001/),
    });
    expect(before.room).toMatchObject({
      status: 'unknown',
      detail: expect.stringMatching(/\d+ staged rows wait/),
    });
    expect(await rows(url, "select 1 from pg_namespace where nspname = 'dor_internal'")).toEqual([]);

    expect((await ingest(data, ['liberty'], env)).code).toBe(0);
    const { code, stdout } = await dor(data, ['doctor', '--json'], env);
    expect(code, stdout).toBe(0);
    const findings: Diagnosis[] = JSON.parse(stdout);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      ...[
        'node',
        'duckdb',
        'memory',
        'disk',
        'queries',
        'lake',
        'reachable',
        'tls',
        'pooler',
        'version',
        'role',
        'writable',
      ],
      ...['timeouts', 'room', 'migrations', 'schema', 'columns', 'access', 'indexes', 'exposed', 'sessions'],
    ]);
    const text = await dor(data, ['doctor'], env);
    expect(text.stdout).toMatch(/^ok {6}timeouts +of the role: statement 2min, .*lifted inside/m);
  });

  test.each<[string, string, string, RegExp, string]>([
    [
      'access',
      'alter table dor_sales disable row level security',
      'alter table dor_sales enable row level security',
      /dor_sales: row level security is off/,
      'fail',
    ],
    [
      'access',
      'grant truncate on dor_sales to anon',
      'revoke all on dor_sales from anon',
      /dor_sales: anon may truncate/,
      'fail',
    ],
    [
      'access',
      'grant select on dor_medians to anon',
      'revoke all on dor_medians from anon',
      /dor_medians: anon may select/,
      'fail',
    ],
    [
      'access',
      'create policy open on dor_sales using (true)',
      'drop policy open on dor_sales',
      /not dor's: open/,
      'fail',
    ],
    [
      'access',
      'alter view dor_sales_current reset (security_invoker)',
      'alter view dor_sales_current set (security_invoker = true)',
      /dor_sales_current: the view is not security_invoker/,
      'fail',
    ],
    [
      'columns',
      'alter table dor_tangible rename filler to stuffing',
      'alter table dor_tangible rename stuffing to filler',
      /dor_tangible lacks filler text; dor_tangible has stuffing text/,
      'fail',
    ],
    [
      'indexes',
      'drop index dor_sales_sale_date',
      'create index dor_sales_sale_date on dor_sales (sale_date)',
      /missing: dor_sales_sale_date/,
      'warn',
    ],
    [
      'migrations',
      "update dor_internal.migrations set sha256 = sha256 || 'x'",
      "update dor_internal.migrations set sha256 = rtrim(sha256, 'x')",
      /was edited after/,
      'fail',
    ],
    [
      'writable',
      'alter database doctor set default_transaction_read_only = on',
      'begin read write; alter database doctor reset default_transaction_read_only; commit',
      /read-only/,
      'fail',
    ],
  ])('%s: %s', async (check, harm, cure, detail, status) => {
    await rows(url, harm);
    const found = (await look(url))[check];
    await rows(url, cure);
    expect(found).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
      remedy: expect.any(String),
    });
    expect((await look(url))[check]).toMatchObject({ status: 'ok' });
  });

  test('an API that shows the internals, and one that does not say what it shows', async () => {
    const admin = asRole(url, 'supabase_admin');
    await rows(admin, "alter role authenticator set pgrst.db_schemas = 'public, dor_internal'");
    expect((await look(url)).exposed).toMatchObject({ status: 'fail' });
    await rows(admin, 'alter role authenticator reset pgrst.db_schemas');
    expect((await look(url)).exposed).toMatchObject({ status: 'unknown' });
    await rows(admin, "alter role authenticator set pgrst.db_schemas = 'public'");
  });

  test('a role that may not publish', async () => {
    await rows(asRole(url, 'supabase_admin'), "create role visitor login password 'secret-word'");
    const found = await look(asRole(url, 'visitor'));
    expect(found.role).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^visitor: may not create/),
    });
  });

  test.each([
    ['transaction', 5, 'ok', /transaction mode/],
    ['session', 5, 'ok', /session mode/],
    ['transaction', 1, 'unknown', /mode did not show/],
  ] as const)('PgBouncer in %s mode with %i connections', async (mode, size, status, detail) => {
    const pooler = await startPooler(server.port, mode, size);
    const found = await look(pooler.through(url));
    await pooler.stop();
    expect(found.pooler).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(found.access).toMatchObject({ status: 'ok' });
  });
});

test('without a server it looks at the embedded Postgres, and makes none', async () => {
  const data = join(temporaryFolder(), 'none');
  const { code, stdout } = await dor(data, ['doctor']);
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/embedded Postgres in .*SUPABASE_DB_URL is not set/);
  expect(existsSync(data)).toBe(false);
});

test('a server that is not there: exit 3 and what to do', async () => {
  const { code, stdout } = await dor(temporaryFolder(), ['doctor'], {
    SUPABASE_DB_URL: 'postgresql://me:hunter22@127.0.0.1:9/x',
  });
  expect(code).toBe(3);
  expect(stdout).toMatch(/FAIL {4}reachable +.*ECONNREFUSED[\s\S]*→ nothing listens there/);
  expect(stdout).not.toContain('hunter22');
});
