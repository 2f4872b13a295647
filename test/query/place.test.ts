import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { head, keep } from '../../src/explore/keep.ts';
import { type Lake, openLake } from '../../src/query/lake.ts';
import { offsetOf, placeAt, placeIn } from '../../src/query/place.ts';
import { ask, explained } from '../../src/query/runQuery.ts';
import { engineWords } from '../../src/query/words.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-place-'));
let lake: Lake;
beforeAll(async () => {
  lake = await openLake(join(data, 'lake'), { scratch: join(data, 'scratch') });
});
afterAll(() => lake.close());

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const file = join(data, 'scratch', 'rows.parquet');
const long = 'a'.repeat(300);

/** The wrong word is what stands between « and ». */
describe.each([
  ['select «nope» from counties'],
  ['select\n  1,\n  «nope» from counties;'],
  ['-- first\n\n/* two\nlines */ select 1 from counties\nwhere «nope» = 1 -- é'],
  ['explain\nselect «nope» from counties'],
  [`select '${long}' as first, «nope», '${long}' as last from counties`],
  ["select 'é', «nope» from counties"],
  ['select 1 from\n«nowhere»'],
  ['select «nofun»(1)'],
  ["select ('x' || range)«::»int from range(5000)"],
  ['select 1 fro «t»\nwhere e = 1'],
  ["select '😀é' fro «t»"],
  ["select 'é'\nfrom counties\nwhere «order» 1"],
  ["select 1,\n«'unterminated»"],
  ['select 1 +«»'],
  ['select (1\n+ 2«»'],
])('%j', (marked) => {
  const query = marked.replace(/[«»]/g, '');
  const wanted = placeAt(query, marked.indexOf('«'));
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing',
      (error) => explained(error, lake).message,
    );

  const jobs: [string, () => Promise<unknown>][] = [
    ['the shell', () => ask(lake, { query, format: 'csv', out: nowhere() })],
    ['first rows of the page', () => head(lake, { query, values: {}, file })],
    [
      'all rows of the page',
      () => keep(lake, { query, values: {}, file, columns: [{ name: 'x', type: 'INTEGER' }] }),
    ],
  ];
  // A plan is short, and never kept.
  test.each(query.startsWith('explain') ? jobs.slice(0, 2) : jobs)('%s', async (_, work) => {
    const message = await failure(work());
    const found = placeIn(message);
    expect(found?.place, message).toEqual(wanted);
    expect(offsetOf(query, wanted)).toBe(marked.indexOf('«'));
    expect(message).not.toMatch(/LINE|\^|limit 2048/);
  });
});

test('words to complete with are those of the engine', async () => {
  const { keywords, types, functions } = await engineWords(lake);
  expect(keywords).toEqual(expect.arrayContaining(['qualify', 'pivot', 'select', 'exclude']));
  expect(types).toEqual(expect.arrayContaining(['hugeint', 'varchar']));
  const named = new Map(functions.map((one) => [one.name, one]));
  expect(named.get('median')).toMatchObject({ kind: 'aggregate' });
  expect(named.get('date_trunc')!.parameters).toMatch(/part/);
  expect(named.has('read_parquet')).toBe(true);
  for (const name of ['enable_profiling', 'query', 'to_tsvector']) expect(named.has(name), name).toBe(false);
});

test('without a place', async () => {
  const error = await ask(lake, { query: 'select 1 group by 3', format: 'csv', out: nowhere() }).catch(
    (one) => one,
  );
  expect(error.message).toMatch(/^The query failed: Binder Error/);
  expect(placeIn(error.message)).toBeNull();
});
