import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STATE, stagedLiberty } from '../liberty.ts';
import { startProxy, type TestProxy } from '../proxy.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { ingest, ingestProcess } from '../workspace.ts';

let server: TestServer;
let undisturbed: Promise<unknown> | undefined;
let databases = 0;
const createDatabase = () => server.createDatabase(`faults${databases++}`);

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** What a run leaves behind when nothing happens to it. */
async function runUndisturbed(): Promise<unknown> {
  const url = await createDatabase();
  await ingest(await stagedLiberty(), ['liberty'], { SUPABASE_DB_URL: url });
  return (await rows(url, STATE))[0];
}

/**
 * Runs an ingest through a proxy that does its worst once, at the moment that `isIt` recognises.
 * @param ingesting in a process of its own where it must be seen that nothing keeps the process from ending.
 */
async function ingestWith(
  isIt: (words: string, before: number) => boolean,
  worst: (proxy: TestProxy) => 'pass' | 'drop' | undefined,
  ingesting: (
    data: string,
    args: string[],
    env: Record<string, string>,
  ) => ReturnType<typeof ingest> = ingest,
) {
  const url = await createDatabase();
  let done = false;
  const proxy = await startProxy(server.port, (words, before, own) => {
    if (done || !isIt(words.toString('latin1'), before)) return 'pass';
    done = true;
    return worst(own);
  });
  const data = await stagedLiberty();
  const env = { SUPABASE_DB_URL: proxy.through(url), DOR_STALL_SECONDS: '1' };
  const run = await ingesting(data, ['liberty'], env);
  proxy.close();
  expect(done).toBe(true);
  return { url, run, data };
}

/** In the middle of the rows of the parcels. */
function midCopy() {
  let copying = false;
  let rest = 100_000;
  return (words: string) => {
    copying ||= words.includes('copy public.dor_properties (');
    if (copying) rest -= words.length;
    return rest < 0;
  };
}

/** When the parcels' transaction commits: the third of the run, after the migrations' and the sales'. */
function atCommit() {
  let commits = 0;
  return (words: string) => words.startsWith('Q') && words.slice(5) === 'commit\0' && ++commits === 3;
}

async function expectIntact({ url, run }: Awaited<ReturnType<typeof ingestWith>>) {
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/was lost: .*\n.*try 2 of 7/);
  undisturbed ??= runUndisturbed();
  expect((await rows(url, STATE))[0]).toEqual(await undisturbed);
  const left = await rows(
    url,
    `select pid, state, query from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
  );
  expect(left).toEqual([]);
  expect(await rows(url, "select * from pg_locks where locktype = 'advisory'")).toEqual([]);
}

describe('the network', () => {
  test('cut in the middle of COPY: rolled back, connected again, done', async () => {
    await expectIntact(await ingestWith(midCopy(), (proxy) => void proxy.cut()));
  });

  test('stalled in the middle of COPY: noticed, and the transaction left behind is dismissed', async () => {
    await expectIntact(await ingestWith(midCopy(), (proxy) => void proxy.stall(), ingestProcess));
  });

  test('cut when the commit was sent and not answered: found in the publication log, not done twice', async () => {
    const found = await ingestWith(atCommit(), (proxy) => {
      proxy.mute();
      setTimeout(() => proxy.cut(), 200);
      return 'pass';
    });
    await expectIntact(found);
    expect(found.run.result.manifests[1].status).toBe('published');
    // The lake knows what it published, so that the next run reads nothing back.
    const records = readdirSync(join(found.data, 'lake/published'), { recursive: true, encoding: 'utf8' });
    expect(records.filter((name) => name.endsWith('publication.json'))).toHaveLength(
      found.run.result.manifests.length,
    );
    const again = await ingest(found.data, ['liberty'], { SUPABASE_DB_URL: found.url });
    expect(again.result.manifests[1].status).toBe('unchanged');
  });

  test('cut before the commit arrives: done again', async () => {
    await expectIntact(
      await ingestWith(atCommit(), (proxy) => {
        proxy.cut();
        return 'drop';
      }),
    );
  });
});

test('a statement that is cancelled is no success: exit 1, nothing of the partition, and the next run does it', async () => {
  const cancel = `select pg_cancel_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'copy public.dor_properties%'`;
  const { url, run, data } = await ingestWith(midCopy(), (proxy) => {
    void rows(`postgresql://postgres:secret-word@127.0.0.1:${server.port}/faults${databases - 1}`, cancel);
    proxy.slow(300);
    return 'pass';
  });
  expect(run.code, run.stderr).toBe(1);
  expect(run.result.manifests[1]).toMatchObject({
    status: 'stopped',
    reason: expect.stringMatching(/a statement was cancelled/),
    remedy: expect.stringMatching(/dor doctor/),
  });
  expect(await rows(url, 'select 1 from dor_properties limit 1')).toEqual([]);
  expect((await ingest(data, ['liberty'], { SUPABASE_DB_URL: url })).code).toBe(0);
  undisturbed ??= runUndisturbed();
  expect((await rows(url, STATE))[0]).toEqual(await undisturbed);
});

describe('the server, killed with SIGKILL', () => {
  const dies = (proxy: TestProxy) => {
    proxy.mute();
    setImmediate(() => server.kill());
    setTimeout(() => void server.restart(), 500);
    return 'pass' as const;
  };

  test('in the middle of COPY', async () => {
    await expectIntact(await ingestWith(midCopy(), dies));
  });

  test('in the middle of a commit', async () => {
    await expectIntact(await ingestWith(atCommit(), dies, ingestProcess));
  });
});
