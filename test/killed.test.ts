import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCounty } from '../src/reference.ts';
import { generateSample } from '../src/sample.ts';
import { putEmbedded } from './embedded.ts';
import { startServer, type TestServer } from './server.ts';
import { dataFolder, finished, ingest, startDor } from './workspace.ts';

/** Where the process is killed: when this line appears, so many milliseconds later. */
const MOMENTS: [string, number][] = [
  ['NAL 2025 read …', 0],
  ['NAL 2025 load …', 0],
  ['NAL 2025 validate …', 0],
  ['NAL 2025 stage …', 0],
  ['NAL 2025 stage …', 20],
  ['NAL 2025 profile …', 0],
  ['NAL 2025 plan …', 0],
  ['NAL 2025 push …', 0],
  ['NAL 2025 push …', 20],
  ['NAL 2025 record …', 0],
  ['NAL 2025 record: ', 0],
];

let rolls: string;
let server: TestServer;
let databases = 0;

beforeAll(async () => {
  server = await startServer();
  rolls = join((await import('node:os')).tmpdir(), `dor-killed-${process.pid}`);
  mkdirSync(rolls, { recursive: true });
  const options = { out: rolls, county: findCounty('gulf'), year: 2025, seed: 3, format: 'csv' as const };
  // Sales come before the parcels; what would come after them is not begun when they are killed.
  await generateSample({ ...options, rows: 500, datasets: ['sdf', 'nal'] });
});
afterAll(() => server?.stop());

function inbox(): string {
  const data = dataFolder();
  for (const name of readdirSync(rolls)) copyFileSync(join(rolls, name), join(data, 'inbox', name));
  return data;
}

const STATE = `select
  (select count(*) || ' ' || sum(row_hash) from dor_properties) as properties,
  (select count(*) || ' ' || sum(row_hash) from dor_sales) as sales,
  (select count(*) || ' ' || sum(parcels) from dor_medians) as medians`;

/** The publication log's newest word on each table must be what the table holds. */
const LEDGER = `select distinct on (table_name) table_name, row_count || ' ' || checksum as held
  from dor_internal.publications order by table_name, id desc`;

async function stateOfServer(url: string) {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(STATE);
  const log = await client.query(LEDGER);
  const locks = await client.query("select count(*)::int as n from pg_locks where locktype = 'advisory'");
  await client.end();
  return { ...rows[0], log: log.rows, locks: locks.rows[0].n };
}

async function stateOfEmbedded(data: string) {
  const database = await PGlite.create(join(data, 'target/pglite'));
  const { rows } = await database.query(STATE);
  await database.close();
  return rows[0];
}

async function killAt(
  data: string,
  env: Record<string, string>,
  line: string,
  delay: number,
): Promise<boolean> {
  const child = startDor(data, ['ingest', 'gulf'], env);
  let killed = false;
  child.stderr!.on('data', (chunk: Buffer) => {
    if (killed || !chunk.toString().includes(line)) return;
    killed = true;
    setTimeout(() => child.kill('SIGKILL'), delay);
  });
  const end = await finished(child);
  return end.signal === 'SIGKILL' || killed;
}

describe('killed anywhere, run again, the same result', () => {
  test('on a real server', async () => {
    const undisturbed = await server.createDatabase(`killed${databases++}`);
    const calm = await ingest(inbox(), ['gulf'], { SUPABASE_DB_URL: undisturbed });
    const wanted = await stateOfServer(undisturbed);
    for (const [line, delay] of MOMENTS) {
      const url = await server.createDatabase(`killed${databases++}`);
      const data = inbox();
      expect(await killAt(data, { SUPABASE_DB_URL: url }, line, delay), line).toBe(true);
      const again = await ingest(data, ['gulf'], { SUPABASE_DB_URL: url });
      expect(again.code, `${line} ${delay}: ${again.stderr}`).toBe(0);
      expect(await stateOfServer(url), `${line} ${delay}`).toEqual(wanted);
      const checksums = (manifests: { staged: { checksum: string } }[]) =>
        manifests.map((m) => m.staged.checksum);
      expect(checksums(again.result.manifests)).toEqual(checksums(calm.result.manifests));
    }
  }, 240_000);

  test('on the embedded Postgres', async () => {
    const inboxBesideTarget = async () => {
      const data = inbox();
      await putEmbedded(join(data, 'target'));
      return data;
    };
    const calm = await inboxBesideTarget();
    await ingest(calm, ['gulf']);
    const wanted = await stateOfEmbedded(calm);
    for (const [line, delay] of MOMENTS.filter(([line]) => /(plan|push|record) …/.test(line))) {
      const data = await inboxBesideTarget();
      expect(await killAt(data, {}, line, delay), line).toBe(true);
      const again = await ingest(data, ['gulf']);
      expect(again.code, `${line} ${delay}: ${again.stderr}`).toBe(0);
      expect(await stateOfEmbedded(data), `${line} ${delay}`).toEqual(wanted);
    }
  }, 240_000);
});

test('two ingests of one county at once: one does it, the other says busy and exits 75', async () => {
  const data = inbox();
  const args = ['gulf', '--no-push'];
  const first = startDor(data, ['ingest', ...args]);
  const end = finished(first);
  // It goes no further while the other one looks.
  await new Promise<void>((resolve) => {
    const stop = (chunk: Buffer) => {
      if (!chunk.includes('read …')) return;
      first.stderr!.off('data', stop);
      first.kill('SIGSTOP');
      resolve();
    };
    first.stderr!.on('data', stop);
  });
  const second = await ingest(data, args);
  first.kill('SIGCONT');
  expect([second.code, second.stderr]).toEqual([
    75,
    expect.stringMatching(/being worked on by another process/),
  ]);
  expect((await end).code).toBe(0);
  const after = await ingest(data, args);
  expect(after.result.manifests.map((m: { status: string }) => m.status)).toEqual(['unchanged', 'unchanged']);
});
