import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Runs } from '../../src/explore/runs.ts';
import type { ResultInfo } from '../../src/explore/shelf.ts';
import { WaitingQueries } from '../../src/explore/waiting.ts';
import { Watch } from '../../src/explore/watch.ts';
import { writeFileDurably } from '../../src/lake/durable.ts';
import { dataPaths } from '../../src/lake/paths.ts';
import { dor, temporaryFolder } from '../workspace.ts';
import { type Explorer, json, put, startExplorer } from './explorer.ts';

let explorer: Explorer;
let manifest: { name: string; text: string };
beforeAll(async () => {
  explorer = await startExplorer(['liberty']);
  const folder = join(explorer.data, 'lake/runs');
  const name = readdirSync(folder).find((one) => one.includes('-sdf-'))!;
  manifest = { name, text: readFileSync(join(folder, name), 'utf8') };
});
afterAll(async () => {
  await explorer?.stop();
});

/** A lake that remembers many runs of few partitions. */
function lakeWith(count: number) {
  const paths = dataPaths(temporaryFolder());
  const runs = join(paths.lake, 'runs');
  mkdirSync(runs, { recursive: true });
  const add = (at: number, change: object = {}) => {
    const county = ['liberty', 'gulf', 'broward'][at % 3]!;
    const run = `2025${String(at).padStart(4, '0')}T000000000Z-${county}-sdf-2025-abcd`;
    writeFileDurably(
      join(runs, `${run}.json`),
      JSON.stringify({ ...JSON.parse(manifest.text), run, county, ...change }),
    );
    return run;
  };
  for (let at = 0; at < count; at++) add(at);
  return { paths, runs, add };
}

/** Counts what is read of manifests. */
function counting() {
  const read: string[] = [];
  return {
    read,
    reader: (path: string) => {
      read.push(path);
      return readFile(path, 'utf8');
    },
  };
}

describe('a lake of 600 runs', () => {
  test('is asked by idle pages without a manifest being read', () => {
    const { paths } = lakeWith(600);
    let now = Date.now() + 10_000;
    let looks = 0;
    const watch = new Watch(
      paths,
      () => {
        looks++;
        return [];
      },
      () => now,
    );
    const { version } = watch.look();
    // Three pages for a minute: one look for all of them, now and then.
    for (let at = 0; at < 600; at++) {
      now += 100;
      for (let page = 0; page < 3; page++) expect(watch.look().version).toBe(version);
    }
    expect(looks).toBeGreaterThan(1);
    expect(looks).toBeLessThanOrEqual(201);
  });

  test('tells of a run that has come, also of one that began before the newest', () => {
    const { paths, add, runs } = lakeWith(3);
    const [settled, later] = [new Date(Date.now() - 5000), new Date(Date.now() - 2000)];
    let now = Date.now();
    const watch = new Watch(
      paths,
      () => [],
      () => now,
    );
    utimesSync(runs, settled, settled);
    const before = watch.look();
    // A first moment of change is not told yet: more may come in the same one.
    now += 1000;
    add(1, { reason: 'again' });
    utimesSync(runs, new Date(now), new Date(now));
    expect(watch.look().version).toBe(before.version);
    now += 1000;
    const after = watch.look();
    expect(after.version).not.toBe(before.version);
    mkdirSync(paths.reports);
    writeFileSync(join(paths.reports, 'a.html'), '');
    utimesSync(paths.reports, later, later);
    now += 1000;
    expect(watch.look().stored).not.toBe(after.stored);
  });

  test('is listed by reading each manifest once', async () => {
    const { paths, add, runs } = lakeWith(600);
    const { read, reader } = counting();
    const all = new Runs(paths.lake, reader);
    expect((await all.last()).runs).toHaveLength(200);
    expect(read).toHaveLength(200);
    await Promise.all([all.last(), all.last(), all.last()]);
    expect(read).toHaveLength(200);
    const run = add(600);
    expect((await all.last()).runs[0]).toMatchObject({ run, county: 'liberty' });
    expect(read).toHaveLength(201);
    // One that was redacted afterwards has its old name.
    add(599, { reason: 'hidden' });
    expect((await all.last()).runs[1]!.reason).toBe('hidden');
    expect(read).toHaveLength(202);
    rmSync(join(runs, `${run}.json`));
    expect((await all.last()).runs[0]!.reason).toBe('hidden');
  });

  test('has profiles of its newest staged runs, and no other is read', async () => {
    const { paths, add } = lakeWith(600);
    const { read, reader } = counting();
    const all = new Runs(paths.lake, reader);
    const profiles = (await all.staged()).get('dor_sales')!;
    expect(profiles).toHaveLength(3);
    expect(profiles[0]!.columns.length).toBeGreaterThan(5);
    expect(read).toHaveLength(3);
    await all.staged();
    expect(read).toHaveLength(3);
    // A newer one that staged nothing does not take its place.
    add(600, { status: 'failed', staged: null });
    expect((await all.staged()).get('dor_sales')).toHaveLength(3);
    expect(read).toHaveLength(4);
  });

  test.each(['', '{', 'null', '[]', '{}', '{"run": 1}', '\0', '{"ledger": null, "columns": []}'])(
    'is listed without one that is %j',
    async (text) => {
      const { paths, runs } = lakeWith(6);
      const name = '29990101T000000000Z-liberty-sdf-2025-abcd.json';
      writeFileSync(join(runs, name), text);
      const all = new Runs(paths.lake);
      const { runs: lines, unreadable } = await all.last();
      expect([lines.length, unreadable]).toEqual([6, [name]]);
      expect((await all.staged()).get('dor_sales')).toHaveLength(3);
    },
  );
});

describe('the page of such a lake', () => {
  const folder = () => join(explorer.data, 'lake/runs');
  const broken = '29990101T000000000Z-liberty-sdf-2025-abcd.json';
  beforeEach(() => rmSync(join(folder(), broken), { force: true }));

  test('shows the rest when a manifest is cut off', async () => {
    copyFileSync(join(folder(), manifest.name), join(folder(), broken));
    writeFileSync(join(folder(), broken), manifest.text.slice(0, 1000));
    const { runs, unreadable } = await json(explorer, '/api/runs');
    expect([runs.length, unreadable]).toEqual([3, [broken]]);
    const tables = await json(explorer, '/api/catalog');
    expect(tables.find(({ name }: { name: string }) => name === 'dor_sales').rows).toBe(93);
    expect(await put(explorer, 'cut-off-1', 'from dor_sales')).toMatchObject({ status: 200, rows: 93 });
  });

  test('is told what moves, once', async () => {
    const first = await json(explorer, '/api/activity');
    expect(first).toMatchObject({ running: [], version: expect.stringMatching(/^[\w-]{16}$/) });
    expect((await explorer.ask(`/api/activity?since=${first.version}`)).status).toBe(204);
    await dor(explorer.data, ['ingest', 'gulf', '--no-push']);
    await expect
      .poll(async () => (await explorer.ask(`/api/activity?since=${first.version}`)).status, {
        timeout: 5000,
      })
      .toBe(200);
    expect((await json(explorer, '/api/activity')).stored).not.toBe(first.stored);
  });

  test('holds no connection', async () => {
    const answer = await explorer.ask('/api/activity');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
  });
});

test('the server ends while pages load their tables', async () => {
  for (const milliseconds of [0, 5, 10, 20, 40]) {
    const asked = Array.from({ length: 3 }, () => explorer.ask('/api/catalog').catch(() => {}));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    expect(await explorer.stop()).toBe(0);
    await Promise.all(asked);
    await explorer.restart();
  }
});

describe('a query that takes long', () => {
  /** Longer than any test, and without work for the machine. */
  const SLOW = 'select pg_sleep(600)';
  const ask = (id: string, options?: RequestInit) => explorer.ask(`/api/queries/${id}?wait=100`, options);
  const start = (id: string, query: string) =>
    ask(id, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });

  test('keeps no connection, and is cancelled', async () => {
    const started = await start('long-one-1', SLOW);
    expect([started.status, await started.json()]).toEqual([202, { id: 'long-one-1', waiting: true }]);
    expect((await ask('long-one-1')).status).toBe(202);
    const waiting = explorer.ask('/api/queries/long-one-1?wait=9999');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await explorer.ask('/api/queries/long-one-1', { method: 'DELETE' });
    const answer = await waiting;
    expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
      400,
      expect.stringMatching(/cancelled/),
    ]);
  });

  test('tells its first rows, then all of them, or why there are none', async () => {
    await start('long-two-2', "select range as n, 'row ' || range as label from range(3000000)");
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const answer = (await (await ask('long-two-2')).json()) as ResultInfo;
          seen.add(String(answer.rows));
          return answer.rows;
        },
        { timeout: 30_000 },
      )
      .toBe(3_000_000);
    expect((await start('long-three-3', 'select nope from range(3)')).status).toBe(400);
    const late = await start('long-four-4', 'select sqrt(-1) from range(300000000) where range = 299999999');
    expect([202, 400]).toContain(late.status);
    await expect.poll(async () => (await ask('long-four-4')).status, { timeout: 60_000 }).toBe(400);
  });

  /** A query that is done when the test says so. */
  function byHand() {
    const dropped: string[] = [];
    let done = (_info: ResultInfo) => {};
    let failed = (_error: Error) => {};
    const info = { id: 'a', rows: 1 } as ResultInfo;
    const results = {
      run: () =>
        new Promise<ResultInfo>((resolve, reject) => {
          done = resolve;
          failed = reject;
        }),
      get: () => ({ ...info, rows: null }),
      settled: async () => info,
      drop: (id: string) => void dropped.push(id),
    };
    return { results, dropped, done: () => done(info), fail: () => failed(new Error('too late')) };
  }

  test('is stopped when its page asks no more, and kept when it is done', async () => {
    const { results, dropped, done } = byHand();
    const queries = new WaitingQueries(results, 200);
    await queries.run('a', '', {}, 0);
    for (let times = 0; times < 4; times++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await queries.ask('a', 0)).toMatchObject({ waiting: true });
    }
    expect(dropped).toEqual([]);
    await expect.poll(() => dropped).toEqual(['a']);
    await queries.run('b', '', {}, 0);
    done();
    expect(await queries.ask('b', 10)).toMatchObject({ rows: 1 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(dropped).toEqual(['a']);
  });

  test('that fails meanwhile says so when it is asked for', async () => {
    const { results, fail } = byHand();
    const queries = new WaitingQueries(results);
    await queries.run('a', '', {}, 0);
    fail();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(queries.ask('a', 0)).rejects.toThrow('too late');
  });
});
