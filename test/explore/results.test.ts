import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import type { ChartRequest, FileFormat } from '../../src/explore/requests.ts';
import { Results } from '../../src/explore/results.ts';
import type { ResultLimits } from '../../src/explore/shelf.ts';
import { cancelled } from '../../src/query/pool.ts';
import { folderMb } from '../../src/query/usage.ts';
import { ingestHere } from '../inProcess.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-results-'));
const lake = join(data, 'lake');
const scratch = join(data, 'scratch');
const LIMITS = { timeoutSeconds: 60, memoryMb: 800, diskMb: 400, running: 4, kept: 6 };

let results: Results;
beforeAll(async () => {
  await ingestHere(data, { county: 'liberty', push: false });
  results = resultsWith({});
});

const open: Results[] = [];
function resultsWith(limits: Partial<ResultLimits>, folder = scratch): Results {
  mkdirSync(folder, { recursive: true });
  const made = new Results({ lake, scratch: folder }, { ...LIMITS, ...limits });
  open.push(made);
  return made;
}
afterAll(() => Promise.all(open.map((one) => one.close())));

let count = 0;
const newId = () => `result-${++count}`;
const rowsOf = (bytes: Uint8Array) =>
  tableFromIPC(bytes)
    .toArray()
    .map((row) => row.toJSON());

test('every type of the engine comes back as it is shown', async () => {
  const id = newId();
  const query = `select 170141183460469231731687303715884105727::hugeint // 10 as huge, 'b'::enum('a', 'b') as kind,
    interval '100000 hours' as lasting, interval '-1 day' as back, date '290000-01-01' as far, '101'::bit as bits, union_value(k := 1) as one_of, [1::hugeint] as list,
    {'a': 1, 'b': 'x'} as both, map {'a': 1} as m, null as nothing, '2020-01-02'::date as day,
    'a'::blob as raw, 1.50::decimal(9, 2) as price, true as yes, timestamptz '2020-01-01 10:00:00+00' as moment`;
  expect(await results.run(id, query, {})).toMatchObject({ rows: 1, ready: 1 });
  const [row] = rowsOf(await results.page(id, 0, 10, null));
  expect(row).toMatchObject({
    huge: '17014118346046923173168730371588410572',
    kind: 'b',
    lasting: '100000:00:00',
    back: '-1 day',
    far: expect.anything(),
    bits: '101',
    one_of: '{"k":1}',
    list: '[1]',
    both: '{"a":1,"b":"x"}',
    m: '{"a":1}',
    price: '1.50',
    yes: true,
    nothing: null,
  });
  const csv = Buffer.concat(await (await results.download(id, 'csv', null)).toArray()).toString();
  const [header, cells] = csv.trim().split('\n').map(splitLine);
  for (const name of ['huge', 'lasting', 'one_of', 'list', 'both', 'm', 'price'])
    expect(cells![header!.indexOf(name)], name).toBe(row![name]);
});

test('a query that is stopped keeps its first rows, and charts of them say so', async () => {
  const id = newId();
  const { ready, rows } = await results.run(
    id,
    'select a.range as x from range(100000) a, range(1000000) b',
    {},
  );
  expect([ready > 0, rows]).toEqual([true, null]);
  results.stop(id);
  expect(await results.settled(id)).toMatchObject({
    ready,
    rows: null,
    error: { message: 'The query was cancelled' },
  });
  expect(rowsOf(await results.page(id, 0, 10, { column: 'x', descending: true }))).toHaveLength(10);
  expect((await results.chart(id, { kind: 'bar', x: 'x', y: null, aggregate: 'sum' })).rows).toBe(ready);
  await expect(results.download(id, 'csv', null)).rejects.toThrow(/cancelled/);
});

describe('charts', () => {
  const id = newId();
  const draw = (request: object) =>
    results.chart(id, { kind: 'bar', x: 'k', y: null, aggregate: 'sum', ...request } as ChartRequest);
  const OUT = join(lake, 'pwned.parquet');

  beforeAll(async () => {
    await results.run(
      id,
      `select range as n, (range % 3)::varchar as k, 5 as "n) to '${OUT}' --" from range(10)`,
      {},
    );
  });

  test.each([
    { aggregate: `sum(n) from (select 1 as n)) to '${OUT}' --` },
    { aggregate: 'list' },
    { aggregate: null },
    { kind: 'copy' },
    { kind: 'constructor' },
    { x: 'c0' },
    { x: `k") to '${OUT}' --` },
    { y: 'n); drop table x; --' },
    { x: null },
    { x: { column: 'k' } },
  ])('%j is no chart', async (request) => {
    await expect(draw(request)).rejects.toThrow(/There is no (aggregate|chart)|has no column/);
    expect(existsSync(OUT)).toBe(false);
  });

  test('a column is a column, whatever its name says', async () => {
    const { points } = await draw({ y: `n) to '${OUT}' --` });
    expect(points).toHaveLength(3);
    expect(points.map(([, sum]) => Number(sum)).sort()).toEqual([15, 15, 20]);
    expect(existsSync(OUT)).toBe(false);
  });
});

test.each(['csv', 'parquet', 'arrow', 'xlsx'] as FileFormat[])(
  'a download as %s is whole and leaves nothing behind',
  async (format) => {
    const id = newId();
    await results.run(id, `select range as n, 1 as a, 2 as "A", 3 as a from range(5000)`, {});
    const sort = { column: 'n', descending: true };
    const parts = await (await results.download(id, format, sort)).toArray();
    const bytes = Buffer.concat(parts);
    if (format === 'csv') {
      const lines = bytes.toString().trim().split('\n');
      expect([lines.length, lines[0], lines[1]]).toEqual([5001, 'n,a,A_1,a_2', '4999,1,2,3']);
    } else expect(bytes.length).toBeGreaterThan(format === 'arrow' ? 80_000 : 5_000);
    await expect
      .poll(() => readdirSync(scratch).filter((name) => name.startsWith('download')), { timeout: 30_000 })
      .toEqual([]);
  },
);

describe('limits', () => {
  test('the disk that results take: old ones make room, then the query that goes on ends', async () => {
    const folder = join(data, 'small');
    const small = resultsWith({ diskMb: 60 }, folder);
    const kept = newId();
    await small.run(kept, "select range as n, repeat('x', 20) as t from range(1000000)", {});
    expect(await small.settled(kept)).toMatchObject({ rows: 1000000, error: null });
    const endless = newId();
    const first = await small.run(
      endless,
      'select a.*, b.* from dor_properties a, dor_properties b, dor_properties c',
      {},
    );
    expect(first).toMatchObject({ ready: 2048, rows: null });
    const { rows, error } = await small.settled(endless);
    expect([rows, error]).toMatchObject([null, { message: /more than 60 MB of disk/ }].map(asMatcher));
    // The first rows stay to be looked at; the older result made room.
    expect(rowsOf(await small.page(endless, 0, 5, null))).toHaveLength(5);
    expect(() => small.get(kept)).toThrow(/no longer kept/);
    expect(folderMb(folder)).toBeLessThan(20);
  });

  test('rows that are too large to show are told so, and do not come', async () => {
    const id = newId();
    await results.run(
      id,
      "select repeat('x', 30000000) as a, repeat('y', 30000000) as b, repeat('z', 9000000) as c",
      {},
    );
    await expect(results.page(id, 0, 10, null)).rejects.toThrow(/too large to show/);
    const next = newId();
    expect(await results.run(next, 'select 1 as n', {})).toMatchObject({ rows: 1 });
  });

  test('time is one for the first rows and for all', async () => {
    const slow = resultsWith({ timeoutSeconds: 5 }, join(data, 'slow'));
    const id = newId();
    const started = performance.now();
    await slow.run(
      id,
      'select range as n from range(100000000000) where range < 5000 or range % 1000003 = 0',
      {},
    );
    const { error } = await slow.settled(id);
    expect(error?.message).toMatch(/stopped after 5 s/);
    expect(performance.now() - started).toBeLessThan(9000);
  });

  test('a download that nobody waits for ends; queries do not wait for downloads', async () => {
    const id = newId();
    await results.run(id, "select range as n, repeat('x', 50) as t from range(1000000)", {});
    await results.settled(id);
    const gone = new AbortController();
    const downloads = [1, 2, 3].map(() => results.download(id, 'xlsx', null, gone.signal));
    const next = newId();
    expect(await results.run(next, 'select 1 as n', {})).toMatchObject({ rows: 1 });
    gone.abort(cancelled());
    for (const { status } of await Promise.allSettled(downloads)) expect(status).toBe('rejected');
    expect(readdirSync(scratch).filter((name) => name.startsWith('download'))).toEqual([]);
    const bytes = await (await results.download(next, 'csv', null)).toArray();
    expect(Buffer.concat(bytes).toString()).toBe('n\n1\n');
  });

  test('an id that is given up and taken again is the new one', async () => {
    const id = newId();
    const first = results.run(id, 'select count(*) from range(1000000000) a, range(1000000) b', {});
    results.drop(id);
    const second = results.run(id, 'select 2 as n', {});
    await expect(first).rejects.toThrow(/cancelled/);
    expect(await second).toMatchObject({ rows: 1, columns: [{ name: 'n' }] });
    expect(results.get(id)).toMatchObject({ rows: 1 });
  });

  test('what is cancelled is gone, with its files', async () => {
    const id = newId();
    await results.run(id, 'select a.range, b.range as b from range(100000000) a, range(100000) b', {});
    results.drop(id);
    await expect
      .poll(() => readdirSync(scratch).filter((name) => name.startsWith(`${id}.`)), { timeout: 30_000 })
      .toEqual([]);
    expect(() => results.get(id)).toThrow(/no longer kept/);
  });
});

/** Messages as patterns. */
function asMatcher(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      one instanceof RegExp ? expect.stringMatching(one) : one,
    ]),
  );
}
