import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataPaths } from '../../src/lake/paths.ts';
import { expressionsOf, relatedColumns, rollColumnsOf } from '../../src/lineage.ts';
import { findCounty } from '../../src/reference.ts';
import { ROLLS } from '../../src/rolls.ts';
import { generateSample } from '../../src/sample.ts';
import { type RowTrace, traceValue } from '../../src/why/trace.ts';
import { putEmbedded } from '../embedded.ts';
import { linesOf } from '../inProcess.ts';
import { dor, finished, ingest, startDor } from '../workspace.ts';

let data: string;
const files = new Map<string, string>();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'dor-why-'));
  for (const county of ['union', 'gulf']) {
    const made = await generateSample({
      out: join(data, 'inbox'),
      county: findCounty(county),
      year: 2025,
      rows: 500,
      accounts: 100,
      seed: 2,
      format: 'csv',
      defects: county === 'union' ? { duplicate_key: 0.01, bad_number: 0.004 } : {},
      datasets: county === 'union' ? ['sdf', 'nal', 'nap'] : ['nal'],
    });
    for (const { dataset, path } of made) files.set(`${county} ${dataset}`, path);
  }
  await putEmbedded(join(data, 'target'));
  await ingest(data, ['union', '--max-reject-pct', '5']);
  await ingest(data, ['gulf', '--no-push']);
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

const trace = (id: string, more: Partial<Parameters<typeof traceValue>[1]> = {}) =>
  traceValue(dataPaths(data), { id, redact: [], county: 'union', ...more });

const ids = (query: string) => linesOf(data, query);

test('every value leads to the line and the text that it was read from', async () => {
  const lines = readFileSync(files.get('union nal')!, 'utf8').split('\r\n');
  for (const id of await ids(
    "select parcel_id from dor_properties where county = 'union' order by row_hash limit 5",
  )) {
    const [found] = await trace(id, { roll: 'nal' });
    const { source, values, published, run } = found!;
    expect(lines[source.line! - 1]).toBe(source.text);
    expect(source.text).toContain(id);
    expect(source.file).toBe('NAL73P202501.csv');
    const by = (column: string) => values.find((one) => one.column === column)!;
    expect(by('just_value').roll).toEqual([{ name: 'JV', text: by('just_value').value }]);
    expect(by('just_value').made.map(({ expression }) => expression)).toEqual([
      'whole(jv) as jv',
      'n.jv as just_value',
    ]);
    expect(by('owner_kind').roll.map(({ name }) => name)).toEqual(['OWN_NAME']);
    expect(by('county_median_value').made.at(-1)!.reads).toEqual([
      'all parcels of the county (sql/enrich/medians.sql)',
    ]);
    expect(published).toEqual([{ target: 'embedded', run: run.run, current: true }]);
    expect(run.status).toBe('published');
  }
});

test('of a copied row the one that was kept is shown; sales and accounts are traced alike', async () => {
  const duplicates = await ids(
    "select replace(split_part(detail, ' ', 3), ',', '') || ' ' || line from rejected where rule = 'N01' limit 2",
  );
  expect(duplicates).toHaveLength(2);
  for (const duplicate of duplicates) {
    const [id, line] = duplicate.split(' ');
    const [found] = await trace(id!, { roll: 'nal' });
    expect(found!.source.line).toBe(Number(line) - 1);
  }
  const [sale] = await ids('select sale_id from dor_sales limit 1');
  const sales = await trace(sale!);
  expect(sales.length).toBeGreaterThan(0);
  const text = readFileSync(files.get('union sdf')!, 'utf8').split('\r\n');
  for (const { source, key } of sales) {
    expect(text[source.line! - 1]).toBe(source.text);
    expect(source.text).toContain(`"${key.sale_id}"`);
  }
  const [account] = await ids('select account_id from dor_tangible limit 1');
  const [tangible] = (await trace(account!)) as [RowTrace];
  expect(tangible.dataset).toBe('nap');
  expect(tangible.source.text).toContain(account);
});

test('what cannot be answered says why', async () => {
  const [id] = await ids("select parcel_id from dor_properties where county = 'gulf' limit 1");
  await expect(traceValue(dataPaths(data), { id: id!, redact: [] })).rejects.toThrow(
    /is in 2 counties: gulf, union/,
  );
  const [bad] = await ids(
    "select split_part(replace(text, '\"', ''), ',', 2) from rejected where rule = 'N06' limit 1",
  );
  await expect(trace(bad!, { roll: 'nal' })).rejects.toThrow(
    /is not staged: line \d+ of the NAL of union was rejected, N06/,
  );
  await expect(trace(bad!.slice(1), { roll: 'nal' }), 'a part of a rejected id').rejects.toThrow(
    /No staged row has/,
  );
  await expect(trace(' ')).rejects.toThrow(/The id is empty/);
  const missing = await dor(data, ['why', 'NOSUCHID']);
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/No staged row has .* NOSUCHID\n {2}→ /),
  });
  const [one] = await ids(
    "select parcel_id from dor_properties where county = 'union' and parcel_id not in (select split_part(text, ',', 2) from rejected) limit 1",
  );
  expect((await dor(data, ['why', one!, 'no_such_column', '--county', 'union'])).code).toBe(2);
});

test('a file that was changed or is gone is not quoted', async () => {
  const [id] = await ids("select parcel_id from dor_properties where county = 'gulf' limit 1");
  const gulf = { county: 'gulf', roll: 'nal' as const };
  expect((await trace(id!, gulf))[0]!.gone).toBeNull();
  const path = files.get('gulf nal')!;
  const before = readFileSync(path);
  appendFileSync(path, before.subarray(before.lastIndexOf('\n', before.length - 2) + 1));
  const [changed] = await trace(id!, gulf);
  expect(changed).toMatchObject({
    gone: expect.stringMatching(/changed or replaced/),
    source: { line: null, text: null },
  });
  renameSync(path, `${path}.moved`);
  const shown = await dor(data, ['why', id!, 'just_value', '--county', 'gulf']);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/no text +the file is no longer there/);
  expect(shown.stdout).toMatch(/just_value = \d+/);
});

test('a reader may stop reading', async () => {
  const [id] = await ids("select parcel_id from dor_properties where county = 'union' limit 1");
  const child = startDor(data, ['why', id!, '--county', 'union', '--json']);
  child.stdout!.once('data', () => child.stdout!.destroy());
  const { code, stderr } = await finished(child);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('every staged column is made by an expression that the SQL files show', async () => {
  for (const [dataset, { table }] of Object.entries(ROLLS) as ['nal', { table: string }][]) {
    const columns = await ids(`select column_name from (describe ${table})`);
    const unknown = columns.filter(
      (name) => name !== 'row_hash' && expressionsOf(dataset, name).length === 0,
    );
    expect(unknown).toEqual([]);
  }
  expect(rollColumnsOf('nal', 'building_value')).toEqual(['JV', 'LND_VAL']);
  expect(rollColumnsOf('sdf', 'transaction_price')).toEqual(['SALE_PRC']);
  expect(relatedColumns('nal', 'OWN_NAME')).toEqual([
    'own_name',
    'owner_name',
    'owner_kind',
    'is_confidential',
  ]);
});
