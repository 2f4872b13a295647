import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../src/query/lake.ts';
import { QueryPool } from '../../src/query/pool.ts';
import { explained } from '../../src/query/runQuery.ts';
import { folderMb, memoryMb } from '../../src/query/usage.ts';
import { dor, ROOT } from '../workspace.ts';
import type { Anything } from './anything.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-pool-'));
const lake = join(data, 'lake');
const scratch = join(data, 'scratch');
const staged = join(lake, 'staged/dor_sales/county=liberty/year=2025/data.parquet');
const MODULE = new URL('./anything.ts', import.meta.url);

beforeAll(async () => {
  await dor(data, ['ingest', 'liberty', '--no-push']);
  mkdirSync(scratch);
});

/** On a busy machine. */
const SOON = { timeout: 30_000 };

const open: QueryPool<Anything>[] = [];
function poolOf(limits: Partial<QueryPool<Anything>['limits']> = {}, evict?: () => boolean) {
  const all = { memoryMb: 1000, diskMb: 2000, jobs: 2, ...limits };
  const own = mkdtempSync(join(scratch, 'pool-'));
  const pool = new QueryPool<Anything>(MODULE, { lake, scratch: own }, all, evict);
  open.push(pool);
  return pool;
}
afterAll(() => Promise.all(open.map((pool) => pool.close())));

/** Every file of the lake and the reference tables with what is in it. */
function contents(): string[] {
  return [lake, join(ROOT, 'data/reference')].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
      .sort(),
  );
}

/** What the door would refuse, were it there. Each would alter, replace or add a file of the lake. */
const ATTACKS = [
  `copy (select 1) to '${staged}' (use_tmp_file false)`,
  `copy (select 1) to '${staged}'`,
  `copy (select 1) to '${join(lake, 'pwned.parquet')}'`,
  `copy (select 1) to '${join(lake, 'staged/dor_sales/county=liberty/year=2025/more.parquet')}'`,
  `copy (select 1) to '${join(lake, 'tmp/../pwned.csv')}'`,
  `copy (select 1 as a, 2 as b) to '${join(lake, 'staged/dor_sales')}' (format parquet, partition_by (a), overwrite)`,
  `copy (select 1) to '${join(ROOT, 'data/reference/codes.csv')}' (use_tmp_file false)`,
  `export database '${lake}'`,
  `attach '${join(lake, 'x.db')}'`,
  `attach '${staged}' as d`,
  `set temp_directory = '${lake}'`,
  'set enable_external_access = true',
  `set allowed_directories = ['${lake}/']`,
  `from enable_profiling(format = 'json', save_location = '${staged}')`,
  `pragma profiling_output = '${staged}'`,
  `from enable_logging(storage = 'file', storage_path = '${lake}')`,
  `call enable_logging(storage = 'file', storage_path = '${join(lake, 'staged')}')`,
  'install httpfs; load httpfs',
];

describe('behind the door', () => {
  test('the lake is read-only', async () => {
    const before = contents();
    // These leave the engine unable to do more, so that each needs a process of its own.
    const last = ATTACKS.filter((sql) => /profiling|logging/.test(sql));
    const first = ATTACKS.filter((sql) => !last.includes(sql));
    for (const sqls of [first, ...last.map((sql) => [sql])]) {
      const pool = poolOf({ jobs: 1 });
      for (const sql of sqls) await pool.run('run', sql).catch(() => {});
      // Some settings act on the next statement.
      await pool.run('run', 'select 42').catch(() => {});
      await pool.close();
      expect([sqls, contents()]).toEqual([sqls, before]);
    }
  });

  test('what a session may read, it reads, and nothing beside it', async () => {
    const pool = poolOf();
    expect(await pool.run('run', 'select count(*)::int from dor_sales')).toEqual([[93]]);
    expect(await pool.run('run', `select count(*)::int from '${staged}'`)).toEqual([[93]]);
    const beside = join(data, 'beside.csv');
    writeFileSync(beside, 'a\n1\n');
    for (const path of [beside, '/etc/passwd', join(lake, 'published/*/*/*/*/*.json')])
      await expect(pool.run('run', `from read_text('${path}')`)).rejects.toThrow(/Permission Error|No files/);
  });

  test('the engine alone, without the read-only mount, adds no file to the lake', async () => {
    const before = contents();
    const session = await openLake(lake, { scratch: join(scratch, 'alone') });
    for (const sql of ATTACKS.filter((one) => !one.includes('use_tmp_file false'))) {
      await session.connection.run(sql).catch(() => {});
    }
    session.close();
    expect(contents()).toEqual(before);
  });
});

describe('limits', () => {
  /** What engine and limits of its own let pass: one value, one list, one join, many rows of text. */
  const BOMBS = [
    'select range(1000000000)',
    "select repeat('x', 1000000000) as a, repeat('y', 1000000000) as b, repeat('z', 1000000000) as c",
    "with recursive t(x) as (select 'x' union all select x || x from t) select max(length(x)) from t",
  ];

  test.each(BOMBS)('memory: %s', { timeout: 90_000 }, async (sql) => {
    const pool = poolOf({ memoryMb: 700, jobs: 1 });
    const most = watchMemory(pool);
    await expect(pool.run('run', sql, { seconds: 60 })).rejects.toThrow(
      /used \d+ MB of memory|Out of Memory|stopped after/,
    );
    expect(most()).toBeLessThan(1000);
    // The slot is free again.
    expect(await pool.run('run', 'select 1::int')).toEqual([[1]]);
    await pool.close();
  });

  test('memory is that of all processes together; the largest goes', async () => {
    const pool = poolOf({ memoryMb: 800, jobs: 4 });
    const small = pool.run('run', 'select count(*)::int from range(20000000) where hash(range) % 7 = 0', {});
    const large = [1, 2, 3].map((n) => pool.run('run', `select range(${200_000_000 + n})`, {}));
    const ends = await Promise.allSettled(large);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await small).toHaveLength(1);
  });

  const ENDLESS = 'select count(*) from range(1000000000) a, range(1000000000) b where a.range < b.range';

  test('time, from outside: a query that no interrupt reaches ends in time', async () => {
    const pool = poolOf({ jobs: 1 });
    const started = performance.now();
    await expect(pool.run('run', ENDLESS, { seconds: 1 })).rejects.toThrow(/stopped after 1 s/);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(await pool.run('run', 'select 1::int')).toEqual([[1]]);
  });

  test('a cancelled query is gone, and its process with it', async () => {
    const pool = poolOf({ jobs: 1 });
    const abort = new AbortController();
    const asked = pool.run('run', ENDLESS, { signal: abort.signal });
    await expect.poll(() => pool.processes.length, SOON).toBe(1);
    const [pid] = pool.processes;
    abort.abort();
    await expect(asked).rejects.toThrow(/cancelled/);
    await expect.poll(() => existsSync(`/proc/${pid}`), SOON).toBe(false);
  });

  test('disk: a join without a condition ends at the limit, and what it wrote is known', async () => {
    const pool = poolOf({ diskMb: 150, jobs: 1 });
    const file = join(pool.session.scratch, 'cross.parquet');
    const sql = `copy (select a.*, b.range as c from range(100000) a, range(100000) b) to '${file}' (format parquet, compression uncompressed)`;
    await expect(pool.run('run', sql, { writes: file })).rejects.toThrow(/more than 150 MB of disk/);
    expect(folderMb(pool.session.scratch)).toBeLessThan(800);
    await pool.close();
    expect(readdirSync(pool.session.scratch).filter((name) => name.startsWith('spill-'))).toEqual([]);
  });

  test('a limit that is too small, and a process that ends by itself, are told', async () => {
    expect(() => poolOf({ memoryMb: 50 })).toThrow(/memory limit of 50 is too small/);
    expect(() => poolOf({ memoryMb: Number.NaN })).toThrow(/too small/);
    expect(() => poolOf({ diskMb: Number.NaN })).toThrow(/disk limit of NaN is too small/);
    await expect(poolOf().run('run', 'select 1', { seconds: 0 })).rejects.toThrow(
      /timeout of 0 is too small/,
    );
    await expect(poolOf().run('run', 'select 1', { seconds: Number.NaN })).rejects.toThrow(/too small/);
    const pool = poolOf({ jobs: 1 });
    const asked = pool.run('run', ENDLESS);
    await expect.poll(() => pool.processes.length, SOON).toBe(1);
    process.kill(pool.processes[0]!, 'SIGSEGV');
    await expect(asked).rejects.toThrow(/ended its process \(SIGSEGV\)/);
    expect(await pool.run('run', 'select 1::int')).toEqual([[1]]);
  });
});

test('a file that is cut off takes its own table along, which says so, and no other', async () => {
  const cut = join(data, 'cut');
  cpSync(lake, cut, { recursive: true });
  const path = join(cut, 'staged/dor_sales/county=liberty/year=2025/data.parquet');
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  const session = await openLake(cut, { scratch: join(scratch, 'cut') });
  expect(session.tables).not.toContain('dor_sales');
  const asked = (query: string) =>
    session.connection.run(query).catch((error) => explained(error as Error, session).message);
  for (const name of ['dor_sales', 'dor_sales_current'])
    expect(await asked(`from ${name}`)).toMatch(
      new RegExp(`^${name} cannot be read: .*No magic bytes.*county=liberty/year=2025/data.parquet'$`),
    );
  expect(await asked('select count(*) from dor_properties')).toBeTypeOf('object');
  session.close();
});

test('a process that cannot start keeps nobody waiting', async () => {
  const nothing = new URL('./nothing.ts', import.meta.url);
  const own = mkdtempSync(join(scratch, 'pool-'));
  const pool = new QueryPool<Anything>(
    nothing,
    { lake, scratch: own },
    { memoryMb: 1000, diskMb: 2000, jobs: 1 },
  );
  open.push(pool);
  const ends = await Promise.allSettled([1, 2, 3].map(() => pool.run('run', 'select 1')));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});

test('files that come later are seen', async () => {
  const pool = poolOf({ jobs: 1 });
  const runs = async () => (await pool.run('run', 'select count(*)::int from runs')) as [[number]];
  const [[before]] = await runs();
  await dor(data, ['ingest', 'liberty', '--no-push', '--force']);
  expect((await runs())[0][0]).toBeGreaterThan(before);
});

test('processes do not outlive the one that asked, however it ends', async () => {
  const env = { ...process.env, DOR_DATA: data };
  const child = spawn(
    join(ROOT, 'bin/dor'),
    ['sql', 'select count(*) from range(1000000000) a, range(1000000000) b where a.range < b.range'],
    { env, stdio: 'ignore' },
  );
  const children = () =>
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean);
  await expect.poll(children, SOON).toHaveLength(1);
  const [pid] = children();
  child.kill('SIGKILL');
  await expect.poll(() => existsSync(`/proc/${pid}`), SOON).toBe(false);
});

/** The most memory that the processes of a pool had, in MB, when it is asked. */
function watchMemory(pool: QueryPool<Anything>): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(
      most,
      pool.processes.reduce((sum, pid) => sum + memoryMb(pid), 0),
    );
  }, 10);
  return () => {
    clearInterval(timer);
    return most;
  };
}
