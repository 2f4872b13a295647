import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChartAnswer, ChartRequest } from '../../src/explore/requests.ts';
import { Results } from '../../src/explore/results.ts';
import { notesOf } from '../../web/src/chartWords.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-charts-'));
const scratch = join(data, 'scratch');
let results: Results;
beforeAll(() => {
  mkdirSync(scratch);
  const limits = { timeoutSeconds: 60, memoryMb: 800, diskMb: 400, running: 4, kept: 20 };
  results = new Results({ lake: join(data, 'lake'), scratch }, limits);
});
afterAll(() => results.close());

let count = 0;
async function drawn(query: string, request: Partial<ChartRequest>): Promise<[ChartAnswer, string]> {
  const id = `chart-${++count}`;
  await results.run(id, query, {});
  const whole = { kind: 'bar', x: 'x', y: null, aggregate: 'sum', ...request } as ChartRequest;
  const answer = await results.chart(id, whole);
  return [answer, notesOf(whole, answer).join(' ')];
}

describe('what is not drawn is said', () => {
  test('bars: the largest thirty, and what the others have', async () => {
    const query = 'select range % 412 as x, range % 412 as v from range(4120)';
    const [answer, words] = await drawn(`select 'k' || x as x, v from (${query})`, { y: 'v' });
    expect(answer.points).toHaveLength(30);
    expect(words).toBe(
      '30 of 412 shown, those with the largest sum of v; the other 382 have 3,820 of 4,120 rows and a sum of 727,710.',
    );
    const [, fewer] = await drawn(`select 'k' || x as x from (${query}) where x < 31`, {});
    expect(fewer).toBe(
      '30 of 31 shown, those with the largest number of rows; the other one has 10 of 310 rows.',
    );
    const [, all] = await drawn(`select 'k' || x as x from (${query}) where x < 30`, {});
    expect(all).toBe('All 30 shown.');
  });

  test('bars without a value are none of height 0, and NULL is not the text null', async () => {
    const query = "select * from (values ('a', 1), ('b', null), ('null', 2), (null, 3)) as t(x, v)";
    const [{ points }, words] = await drawn(query, { y: 'v' });
    expect(points.map(([x, v]) => [x, v])).toEqual([
      [null, 3],
      ['null', 2],
      ['a', 1],
      ['b', null],
    ]);
    expect(words).toBe('All 4 shown. 1 of the shown has no sum of v.');
  });

  test('a line reaches to its end, also with more points than are drawn', async () => {
    const query =
      "select date '2000-01-01' + range::int as x, 1 as v from range(5210) union all values (null, 1), ('infinity'::date, 1)";
    const [{ points, across }, words] = await drawn(query, { kind: 'line', y: 'v' });
    expect([points.length, across]).toEqual([1737, 'time']);
    expect(Number(points.at(-1)![0])).toBeGreaterThan(Date.UTC(2000, 0, 5208));
    expect(words).toBe(
      '1,737 of 5,210 shown: every third in the order of x; the others are not drawn. 2 rows left out: no x.',
    );
  });

  test('dots are a sample, and rows without a place are counted', async () => {
    const query =
      "select range as x, case when range % 2 = 0 then range::double when range % 5 = 0 then 'nan'::double end as v from range(5000)";
    const [{ points }, words] = await drawn(query, { kind: 'dot', y: 'v' });
    expect(points).toHaveLength(2000);
    expect(words).toBe(
      '2,000 of 2,500 rows shown: a random sample, in which outliers may be missing. 2,500 rows left out: no x or no v.',
    );
    await expect(drawn(query, { kind: 'dot' })).rejects.toThrow('Dots need a column for y');
  });

  test('a histogram says what lies beyond its ends', async () => {
    const [, words] = await drawn(
      "select case when range = 0 then 1e12 when range = 1 then null when range = 2 then 'inf'::double else range end as x from range(1000)",
      { kind: 'histogram' },
    );
    expect(words).toMatch(
      /^99\d of 998 rows shown; the others are the ends: \d below [\d.]+, \d from [\d,]+ on\. 2 rows left out: no x\.$/,
    );
    const [, few] = await drawn('select 5 as x from range(10)', { kind: 'histogram' });
    expect(few).toBe('All 10 rows with a x shown.');
  });

  test('labels that are one after 200 characters', async () => {
    const [{ points }, words] = await drawn("select repeat('x', 200) || range as x from range(3)", {});
    expect(points).toHaveLength(1);
    expect(words).toMatch(/Labels are cut after 200 characters/);
  });

  test('nothing', async () => {
    for (const kind of ['bar', 'line', 'histogram'] as const)
      expect((await drawn('select 1 as x where false', { kind }))[1]).toBe('There is nothing to draw.');
  });
});

describe('time comes as a moment that every browser draws alike', () => {
  test.each([
    ["date '2024-03-01'", Date.UTC(2024, 2, 1)],
    ["timestamp '2024-03-01 00:00:00'", Date.UTC(2024, 2, 1)],
    ["timestamptz '2024-03-01 00:00:00+02'", Date.UTC(2024, 1, 29, 22)],
    ["'2024-03-01'::timestamp_ns", Date.UTC(2024, 2, 1)],
    ["'2024-03-01'::timestamp_s", Date.UTC(2024, 2, 1)],
    ["date '0001-01-01'", Date.parse('0001-01-01')],
  ])('%s', async (x, moment) => {
    for (const request of [{ kind: 'line' }, { kind: 'dot', y: 'v' }] as const) {
      const [{ points, across, rows, counted }] = await drawn(
        `select ${x} as x, 1 as v union all select null, 2`,
        request,
      );
      expect([across, Number(points[0]![0]), points.length]).toEqual(['time', moment, 1]);
      expect(rows - counted).toBe(1);
    }
  });
});

test('codes keep their zeros', async () => {
  const [{ points, across }] = await drawn("select '00' || range as x, 1 as v from range(3)", {
    kind: 'line',
    y: 'v',
  });
  expect([across, points.map(([x]) => x)]).toEqual(['label', ['000', '001', '002']]);
});
