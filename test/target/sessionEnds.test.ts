import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTarget } from '../../src/target/open.ts';
import { startProxy } from '../proxy.ts';
import { rows, startServer, type TestServer } from '../server.ts';

/** What keeps a process from ending, beyond what was there before. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => /^T(CP|LS)/.test(name)).length;

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startServer();
  url = await server.createDatabase('ends');
  await rows(
    url,
    `create table parents (id int primary key);
     create table children (parent int references parents deferrable initially deferred)`,
  );
});
afterAll(() => server?.stop());

/** Sockets that are still there when the target has been closed for a moment. */
async function leftAfter(work: () => Promise<void>): Promise<number> {
  const before = sockets();
  await work();
  for (let round = 0; round < 20 && sockets() > before; round++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return sockets() - before;
}

test('a COMMIT that fails says why, leaves the connection usable, and nothing that keeps the process', async () => {
  const left = await leftAfter(async () => {
    const target = await openTarget(url, '', true);
    const orphan = target.transaction((transaction) => transaction.query('insert into children values (1)'));
    await expect(orphan).rejects.toThrow(/violates foreign key constraint "children_parent_fkey"/);
    expect(await target.query('select count(*)::int as n from children')).toEqual([{ n: 0 }]);
    await target.close();
  });
  expect(left).toBe(0);
});

test.each([
  [
    'a login that is refused',
    () => openTarget(url.replace(/:[^:@/]*@/, ':wrong@').replace(/\/\/[^:@]+/, '//nobody'), '', true),
  ],
  ['a database that is not there', () => openTarget(`${url}_not`, '', true)],
])('%s leaves nothing', async (_, open) => {
  expect(
    await leftAfter(async () => {
      await expect(open()).rejects.toMatchObject({ code: 3 });
    }),
  ).toBe(0);
});

test('rows that nobody reads to their end: the transaction ends, and so does the session', async () => {
  const left = await leftAfter(async () => {
    const target = await openTarget(url, '', true);
    const read = target.transaction(async (transaction) => {
      for await (const _ of transaction.copyOut("select repeat('x', 1000) from generate_series(1, 300000)"))
        throw new Error('the disk is full');
    });
    await expect(read).rejects.toThrow('the disk is full');
    expect(await target.query('select 1 as one')).toEqual([{ one: 1 }]);
    await target.close();
  });
  expect(left).toBe(0);
}, 20_000);

test('a line that stays open and silent: what was given up is destroyed, not kept', async () => {
  process.env.DOR_STALL_SECONDS = '0.3';
  const proxy = await startProxy(server.port);
  try {
    const left = await leftAfter(async () => {
      const target = await openTarget(proxy.through(url), '', true);
      await target.query('select 1');
      proxy.stall();
      await expect(target.query('select 1')).rejects.toMatchObject({ code: 3 });
      await target.close();
      proxy.cut();
    });
    expect(left).toBe(0);
  } finally {
    delete process.env.DOR_STALL_SECONDS;
    proxy.close();
  }
});
