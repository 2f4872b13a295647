import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dor } from '../workspace.ts';
import { type Explorer, json, put, startExplorer } from './explorer.ts';

let explorer: Explorer;
beforeAll(async () => {
  explorer = await startExplorer(['liberty'], ['--timeout', '60', '--memory-limit', '700']);
});
afterAll(async () => {
  await explorer?.stop();
});

let count = 0;
const newId = () => `test-query-${++count}`;
const rowsOf = async (id: string, query = '') =>
  tableFromIPC(new Uint8Array(await (await explorer.ask(`/api/queries/${id}/rows?${query}`)).arrayBuffer()));

/** A request whose headers say what they like, which fetch does not allow. */
function asBrowser(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${explorer.base}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    sent.on('error', reject).end();
  });
}

describe('who may ask', () => {
  test('nobody without the token', async () => {
    for (const path of [
      '/api/catalog',
      '/api/saved',
      '/api/runs',
      '/api/activity',
      '/reports/liberty-2025.html',
    ]) {
      const response = await fetch(`${explorer.base}${path}`);
      expect([path, response.status]).toEqual([path, 401]);
      expect(await response.text()).not.toMatch(/liberty/);
    }
    const guess = await fetch(`${explorer.base}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'x'.repeat(43) }),
    });
    expect(guess.status).toBe(401);
  });

  test('no other name and no other origin', async () => {
    expect(await asBrowser('/', { host: 'rebound.example:80' })).toBe(421);
    expect(await asBrowser('/api/catalog', { host: 'rebound.example' })).toBe(421);
    const foreign = await explorer.ask('/api/saved', { headers: { origin: 'http://evil.example' } });
    const crossSite = await explorer.ask('/api/saved', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect([foreign.status, crossSite.status]).toEqual([403, 403]);
    const link = await asBrowser('/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
    expect(link).toBe(200);
  });

  test('the page runs only its own scripts, reports none', async () => {
    const page = await fetch(`${explorer.base}/`);
    const again = await fetch(`${explorer.base}/`);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]{24}'; style-src-attr/,
    );
    expect(again.headers.get('content-security-policy')).not.toBe(policy);
    expect(await page.text()).not.toContain('__NONCE__');
    const { reports } = await json(explorer, '/api/runs');
    const report = await fetch(`${explorer.base}${reports[0].address}`);
    expect(report.status).toBe(200);
    expect(report.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
  });

  test.each([
    '/reports/../lake/runs',
    '/reports/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../index.html',
    '/reports/',
  ])('%s holds nothing', async (path) => {
    const response = await explorer.ask(path);
    expect(response.status).toBeGreaterThanOrEqual(400);
  });
});

describe('queries', () => {
  test('a small result is complete at once and has the types of the engine', async () => {
    const id = newId();
    const answer = await put(
      explorer,
      id,
      'select sum(just_value) as s, null as nothing from dor_properties where county = $c',
      { c: 'liberty' },
    );
    expect(answer).toMatchObject({
      status: 200,
      rows: 1,
      ready: 1,
      columns: [{ name: 's', type: 'HUGEINT' }, { name: 'nothing' }],
    });
    const table = await rowsOf(id);
    expect([table.numRows, table.get(0)!.nothing]).toEqual([1, null]);
  });

  test('a large one shows its first rows, then all of them in the same order', async () => {
    const id = newId();
    const first = await put(explorer, id, "select range as n, 'row ' || range as label from range(300000)");
    expect(first).toMatchObject({ rows: null, ready: 2048 });
    expect((await rowsOf(id, 'start=2000&rows=10')).get(9)!.n).toBe(2009n);
    const all = await json(explorer, `/api/queries/${id}`);
    expect(all).toMatchObject({ rows: 300000, ready: 300000, error: null });
    const far = await rowsOf(id, 'start=299990&rows=200');
    expect([far.numRows, far.get(9)!.label]).toEqual([10, 'row 299999']);
    const sorted = await rowsOf(id, 'start=1&rows=2&sort=n&descending=true');
    expect(sorted.toArray().map(({ n }) => n)).toEqual([299998n, 299997n]);
    const byText = await rowsOf(id, 'start=0&rows=3&sort=label');
    expect(byText.toArray().map(({ label }) => label)).toEqual(['row 0', 'row 1', 'row 10']);
    expect((await explorer.ask(`/api/queries/${id}/rows?sort=nope`)).status).toBe(400);
  });

  test('names that repeat, odd names, empty results', async () => {
    const id = newId();
    await put(explorer, id, `select 1 as a, 2 as a, 3 as "a ""quoted"" name", 4 as file_row_number`);
    expect((await rowsOf(id, 'sort=a%20"quoted"%20name')).schema.names).toEqual([
      'a',
      'a_1',
      'a "quoted" name',
      'file_row_number',
    ]);
    const none = newId();
    expect(await put(explorer, none, 'from dor_sales where false')).toMatchObject({ rows: 0 });
    expect((await rowsOf(none)).numRows).toBe(0);
    expect(await put(explorer, newId(), 'explain select 1')).toMatchObject({ rows: 1 });
  });

  test.each([
    ['drop view dor_sales', /Only queries that read/],
    ["from enable_profiling(save_location = '/tmp/x')", /no function that only reads/],
    ["from read_text('/etc/passwd')", /Permission Error/],
    ['select $x', /needs values for \$x/],
    ['selec', /syntax error/],
  ])('%s is refused and explained', async (query, message) => {
    const answer = await put(explorer, newId(), query);
    expect(answer.status).toBe(400);
    expect(answer.message).toMatch(message);
    expect(answer.remedy).toMatch(/\w/);
  });

  /** Longer than any test, and without work for the machine. */
  const SLOW = 'select pg_sleep(600)';

  test('a slow one holds up nobody and can be cancelled', async () => {
    const slow = newId();
    const answer = put(explorer, slow, SLOW);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await put(explorer, newId(), 'select count(*) as n from dor_sales')).toMatchObject({ rows: 1 });
    await explorer.ask(`/api/queries/${slow}`, { method: 'DELETE' });
    expect((await answer).message).toMatch(/cancelled/);
  });

  test('a page that goes away cancels what it asked', async () => {
    const id = newId();
    const gone = new AbortController();
    const asked = explorer.ask(`/api/queries/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: SLOW }),
      signal: gone.signal,
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    gone.abort();
    await expect(asked).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await explorer.ask(`/api/queries/${id}`)).status).toBe(400);
  });

  test('one that needs more memory than there is fails alone', async () => {
    const id = newId();
    const query = 'select range(1000000000) as all_of_them';
    const answer = await put(explorer, id, query);
    expect([answer.status, answer.remedy]).toEqual([400, expect.stringContaining('--memory-limit')]);
    expect(answer.message).toMatch(
      /The query was stopped: it used \d+ MB of memory and would soon have had more than the limit of 700 MB/,
    );
    expect(await put(explorer, newId(), 'select 1')).toMatchObject({ rows: 1 });
  });

  test('at most eight at a time', async () => {
    const ids = Array.from({ length: 9 }, newId);
    const answers = ids.map((id) => put(explorer, id, SLOW));
    const busy = await Promise.race(answers);
    expect([busy.status, busy.message]).toEqual([429, '8 queries are running']);
    await Promise.all(ids.map((id) => explorer.ask(`/api/queries/${id}`, { method: 'DELETE' })));
    await Promise.all(answers);
  });
});

test('charts are aggregated over all rows', async () => {
  const id = newId();
  await put(
    explorer,
    id,
    "select range as n, case when range % 3 = 0 then 'a' else 'b' end as k, date '2024-01-01' + (range % 5)::int as d from range(30000)",
  );
  const draw = (body: object) =>
    json(explorer, `/api/queries/${id}/chart`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ y: null, aggregate: 'sum', ...body }),
    });
  expect(
    (await draw({ kind: 'bar', x: 'k' })).points.map(([k, n]: [string, string]) => [k, Number(n)]),
  ).toEqual([
    ['b', 20000],
    ['a', 10000],
  ]);
  const line = await draw({ kind: 'line', x: 'd', y: 'n', aggregate: 'max' });
  expect([line.across, line.points[4].map(String)]).toEqual([
    'time',
    [String(Date.UTC(2024, 0, 5)), '29999'],
  ]);
  const bins = (await draw({ kind: 'histogram', x: 'n' })).points;
  expect(bins.length).toBeGreaterThan(30);
  expect((await draw({ kind: 'dot', x: 'n', y: 'n' })).points).toHaveLength(2000);
  expect((await draw({ kind: 'bar', x: 'nope' })).message).toMatch(/no column nope/);
});

test('the catalog says how full the columns are; saved queries and runs are there', async () => {
  const tables = await json(explorer, '/api/catalog');
  const sales = tables.find(({ name }: { name: string }) => name === 'dor_sales');
  expect(sales.rows).toBe(93);
  const fill = Object.fromEntries(
    sales.columns.map((column: { name: string; fill: number }) => [column.name, column.fill]),
  );
  const expected = await dor(explorer.data, [
    'sql',
    'select count(or_book) / count(*) as fill from dor_sales',
  ]);
  expect(fill.or_book).toBeCloseTo(Number(expected.stdout.split('\n')[1]), 6);
  expect(fill.parcel_id).toBe(1);
  expect((await json(explorer, '/api/saved')).length).toBeGreaterThan(11);
  const { runs, reports } = await json(explorer, '/api/runs');
  expect(runs).toHaveLength(3);
  expect(reports.map(({ name }: { name: string }) => name)).toContain('liberty-2025.html');
});

test('a second one on the same port is told so; the end leaves nothing behind', async () => {
  const port = new URL(explorer.base).port;
  const second = await dor(explorer.data, ['explore', '--port', port]);
  expect([second.code, second.stderr]).toEqual([75, expect.stringMatching(/Port \d+ cannot be opened/)]);
  const scratch = join(explorer.data, 'lake/tmp');
  expect(readdirSync(scratch)).toHaveLength(1);
  expect(await explorer.stop()).toBe(0);
  expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
});
