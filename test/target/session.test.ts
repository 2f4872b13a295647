import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TargetInterrupted } from '../../src/target/failures.ts';
import { openTarget } from '../../src/target/open.ts';
import { retryLost } from '../../src/target/retry.ts';
import type { Target } from '../../src/target/target.ts';
import { type Pooler, startPooler } from '../pgbouncer.ts';
import { startProxy } from '../proxy.ts';
import { rows, type TestServer } from '../server.ts';
import { asRole, startSupabase } from '../supabase.ts';
import { temporaryFolder } from '../workspace.ts';

let server: TestServer;
let pooler: Pooler;
let direct: string;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
  pooler = await startPooler(server.port, 'transaction', 2);
  direct = await server.createDatabase('session');
  await rows(direct, 'create table numbers (n int primary key)');
  await rows(asRole(direct, 'supabase_admin'), 'create table forbidden (n int)');
});
afterAll(async () => {
  await pooler?.stop();
  await server?.stop();
});

async function* numbers(count: number, bad?: number): AsyncGenerator<Buffer> {
  for (let n = 0; n < count; n++)
    yield Buffer.from(n === bad ? 'no number\n' : `${n}\n`.padStart(1 << 16, '0'));
}

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from('1\n');
  throw new Error('the source broke');
}

describe.each(['directly', 'through PgBouncer in transaction mode'])('%s', (way) => {
  let target: Target;
  beforeAll(async () => {
    target = await openTarget(way === 'directly' ? direct : pooler.through(direct), '', true);
  });
  afterAll(() => target?.close());
  const copy = (relation: string, chunks: AsyncIterable<Buffer>) =>
    target.transaction((transaction) => transaction.copyIn(relation, chunks));

  test.each([
    ['a table that is not there', 'nowhere', () => numbers(200), /"nowhere" does not exist/],
    ['a table that is not ours', 'forbidden', () => numbers(200), /permission denied/],
    ['a bad row at the start', 'numbers', () => numbers(200, 0), /invalid input syntax/],
    ['a bad row in the middle', 'numbers', () => numbers(200, 100), /invalid input syntax/],
    ['a bad row at the end', 'numbers', () => numbers(200, 199), /invalid input syntax/],
    ['a key twice', 'numbers', () => pairs(), /duplicate key/],
    ['a source that breaks', 'numbers', () => broken(), /the source broke/],
  ])(
    'a refused COPY ends at once and leaves the connection usable: %s',
    async (_, relation, chunks, reason) => {
      await expect(copy(relation, chunks())).rejects.toThrow(reason);
      expect(await target.query('select count(*)::int as n from numbers')).toEqual([{ n: 0 }]);
    },
  );

  test('the timeouts of the role do not cut a transaction, and are back after it', async () => {
    await rows(asRole(direct, 'supabase_admin'), "alter role postgres set statement_timeout = '150ms'");
    const own = await openTarget(way === 'directly' ? direct : pooler.through(direct), '', true);
    try {
      await own.transaction((transaction) => transaction.query('select pg_sleep(0.4)'));
      if (way === 'directly') {
        const [after] = await own.query("select current_setting('statement_timeout') as timeout");
        expect(after).toEqual({ timeout: '150ms' });
        await expect(own.query('select pg_sleep(0.4)')).rejects.toThrow(/a statement was cancelled/);
      }
    } finally {
      await own.close();
      await rows(asRole(direct, 'supabase_admin'), "alter role postgres set statement_timeout = '2min'");
    }
  });

  test('nothing of a transaction is left in the session that the next client gets', async () => {
    await target.transaction((transaction) =>
      transaction.query('create temp table dor_gone on commit drop as select 1'),
    );
    const settings = "select current_setting('lock_timeout') as lock, to_regclass('dor_gone') as gone";
    for (let n = 0; n < 3; n++) expect(await target.query(settings)).toEqual([{ lock: '0', gone: null }]);
  });
});

async function* pairs(): AsyncGenerator<Buffer> {
  yield Buffer.from('1\n');
  yield Buffer.from('1\n');
}

test('a connection that is cut while rows are read back says so, and the next transaction connects anew', async () => {
  const proxy = await startProxy(server.port);
  const target = await openTarget(proxy.through(direct), '', true);
  const path = join(temporaryFolder(), 'rows.csv');
  const read = (count: number, halfway = () => {}) =>
    target.transaction(async (transaction) => {
      const source = transaction.copyOut(`select n, repeat('x', 1000) from generate_series(1, ${count}) n`);
      setTimeout(halfway, 100);
      await pipeline(source, createWriteStream(path));
    });
  await expect(read(2_000_000, () => proxy.cut())).rejects.toThrow(TargetInterrupted);
  await read(10);
  await target.close();
  proxy.close();
});

test('who never comes back is given up after seven tries, later and later', async () => {
  const proxy = await startProxy(server.port);
  const target = await openTarget(proxy.through(direct), '', true);
  proxy.refuse();
  proxy.cut();
  const waits: number[] = [];
  const said: string[] = [];
  const work = retryLost(
    () => target.query('select 1'),
    (line) => said.push(line),
    async (ms) => waits.push(ms),
  );
  await expect(work).rejects.toMatchObject({ code: 3 });
  expect(waits).toHaveLength(6);
  waits.forEach((ms, tries) => {
    expect(ms).toBeGreaterThanOrEqual(250 * 2 ** tries);
    expect(ms).toBeLessThanOrEqual(500 * 2 ** tries);
  });
  expect(said[5]).toMatch(/try 7 of 7/);
  await target.close();
  proxy.close();
});

test('a server process that froze with our lock is known as our own: the retry waits for its end', async () => {
  process.env.DOR_STALL_SECONDS = '0.3';
  const target = await openTarget(direct, '', true);
  let tries = 0;
  let thaw: Promise<unknown> | undefined;
  const said: string[] = [];
  try {
    const taken = await retryLost(
      () =>
        target.transaction(async (transaction) => {
          const [lock] = await transaction.query(
            'select pg_try_advisory_xact_lock(77) as taken, pg_backend_pid() as pid',
          );
          if (tries++ > 0) return lock!.taken;
          process.kill(Number(lock!.pid), 'SIGSTOP');
          thaw = new Promise((resolve) =>
            setTimeout(() => resolve(process.kill(Number(lock!.pid), 'SIGCONT')), 6500),
          );
          await transaction.query('select 1');
        }),
      (line) => said.push(line),
      async () => {},
    );
    expect(taken).toBe(true);
    expect(said.join('\n')).toMatch(/nothing moved for.*own former transaction \(process \d+/s);
  } finally {
    delete process.env.DOR_STALL_SECONDS;
    await thaw;
    await target.close();
  }
});

test('only what may be repeated is repeated', async () => {
  const target = await openTarget(direct, '', true);
  let tries = 0;
  const work = retryLost(
    async () => {
      tries++;
      await target.query('select 1 / 0');
    },
    () => {},
  );
  await expect(work).rejects.toThrow(/division by zero/);
  expect(tries).toBe(1);
  await target.close();
});
