import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { FileRefused } from '../src/errors.ts';
import type { Dataset } from '../src/model.ts';
import { counties } from '../src/reference.ts';
import { readRules } from '../src/rules.ts';
import { validate } from '../src/steps/validate.ts';
import { openSampleRows } from './steps/sampleRows.ts';
import { ROOT } from './workspace.ts';

const DATASETS = ['nal', 'sdf', 'nap'] as const;
let engine: Engine;
const types = new Map<string, string>();
beforeAll(async () => {
  engine = await openSampleRows();
  for (const dataset of DATASETS)
    for (const row of await engine.rows(`describe base_${dataset}`))
      types.set(`${dataset}.${row.column_name}`, String(row.column_type));
});
afterAll(() => engine.close());

/** One clean row of the sample with other values: 'column: expression; column: expression'. */
function rowWith(
  dataset: Dataset,
  values: string,
  from = `(from base_${dataset} order by record limit 1)`,
): string {
  const replaced = values
    .split(/; (?=\w+: )/)
    .filter(Boolean)
    .map((one) => {
      const [, name, expression] = /^(\w+): ([\s\S]+)$/.exec(one)!;
      return `(${expression})::${types.get(`${dataset}.${name}`)} as ${name}`;
    });
  return `select ${replaced.length > 0 ? `* replace (${replaced.join(', ')})` : '*'} from ${from}`;
}

/** One row, as what it has otherwise than a clean one; between rolls a row of each, by the name of its view. */
type Row = string | Record<string, string>;
interface Case {
  /** Rows that break the rule, each by itself, and rows that keep it: at its boundary, with blanks. */
  breaks?: Row[];
  keeps?: Row[];
  /** For rules that compare rows: all of these at once, and which of them break it. */
  rows?: { breaks: string[]; keeps: string[] }[];
}
const FOLDERS = [...DATASETS, 'cross'] as const;

/** Makes the row the only one of its roll. */
async function only(folder: (typeof FOLDERS)[number], row: Row): Promise<void> {
  if (typeof row === 'string') return see(folder as Dataset, rowWith(folder as Dataset, row));
  await see('nal', rowWith('nal', row.nal ?? ''));
  await see('previous_nal', rowWith('nal', row.previous_nal ?? ''));
  // A sale of that parcel, with its facts.
  const same = ['parcel_id', 'dor_uc', 'nbrhd_cd', 'mkt_ar', 'atv_strt', 'grp_no', 'mp_id'];
  const sold = `select s.* replace (${same.map((name) => `n.${name} as ${name}`).join(', ')}, n.state_par_id as state_parcel_id)
    from base_sdf s, (from base_nal order by record limit 1) n order by s.record limit 1`;
  await see('sdf', rowWith('sdf', row.sdf ?? '', `(${sold})`));
}
const see = (view: string, select: string) => engine.run(`create or replace temp view ${view} as ${select}`);

test.each(FOLDERS)('%s: each rule finds the rows that break it, and no other', async (folder) => {
  const path = join(ROOT, `test/cases/validate/${folder}.json`);
  const cases: Record<string, Case> = JSON.parse(readFileSync(path, 'utf8'));
  const rules = readRules(folder);
  expect(Object.keys(cases)).toEqual(rules.map(({ id }) => id).sort());
  const wrong: string[] = [];
  for (const { id, query } of rules) {
    const { breaks = [], keeps = [], rows = [] } = cases[id]!;
    if (![{ breaks, keeps }, ...rows].some((one) => one.breaks.length > 0)) wrong.push(`no row breaks ${id}`);
    if (![{ breaks, keeps }, ...rows].some((one) => one.keeps.length > 0)) wrong.push(`no row keeps ${id}`);
    for (const row of [...breaks, ...keeps]) {
      await only(folder, row);
      const { n } = await engine.row(`select count(*) as n from (${query})`);
      if (Number(n) !== Number(breaks.includes(row)))
        wrong.push(`${id} finds ${n} in ${JSON.stringify(row)}`);
    }
    for (const several of rows) {
      const all = [...several.breaks, ...several.keeps].map((row, record) =>
        rowWith(folder as Dataset, `${row}; record: ${record}`),
      );
      await see(folder, all.join(' union all '));
      const found = await engine.rows(`select distinct record from (${query}) order by record`);
      const expected = several.breaks.map((_, record) => String(record));
      if (String(found.map(({ record }) => record)) !== String(expected))
        wrong.push(`${id} finds ${JSON.stringify(found)} of ${JSON.stringify(several)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the clean rows of the sample break no rule but N38: some parcels have no address', async () => {
  for (const roll of DATASETS) await see(roll, `from base_${roll}`);
  await see('previous_nal', 'from base_nal');
  const broken: string[] = [];
  for (const { id, query } of FOLDERS.flatMap((folder) => readRules(folder)))
    if (Number((await engine.row(`select count(*) as n from (${query})`)).n) > 0) broken.push(id);
  await engine.run('drop view previous_nal');
  expect(broken).toEqual(['N38']);
});

test('exemptions of an account: nothing is cut or left out; what cannot be read is unknown and not empty', async () => {
  const texts = [
    'M;0100',
    'M;999999999999',
    'M;25000; A; 7;',
    'M;1;M;2',
    'M;0',
    'z;5',
    'M25000',
    'M;1.5',
    'AB;1',
    null,
  ];
  const rows = await engine.rows(
    `select tangible_exemptions(t)::varchar as map from (select unnest([${texts.map((text) => (text === null ? 'null' : `'${text}'`)).join(', ')}]) as t)`,
  );
  expect(rows.map(({ map }) => map)).toEqual([
    '{M=100}',
    '{M=999999999999}',
    '{A=7, M=25000}',
    '{M=3}',
    '{}',
    '{z=5}',
    null,
    null,
    null,
    null,
  ]);
});

/** Validates rows of the sample as if they were a file. */
async function check(dataset: Dataset, rows: string, year = 2025, neighbours = {}) {
  await engine.run(`create or replace temp view ${dataset} as ${rows}`);
  await engine.run('create or replace temp table confidential_keys (key varchar)');
  const county = counties().find(({ no }) => no === 49)!;
  const source = { file: 'x.csv', fileDate: '2025-06-27', stage: 'P' };
  return validate(engine, {
    partition: { dataset, county, year },
    source: source as never,
    neighbours: { salesPath: null, previousPath: null, ...neighbours },
    redact: [],
  });
}
const many = (dataset: Dataset, submission: string) =>
  `select b.* replace (${submission} as ${dataset === 'nap' ? 'ts_id' : 'rs_id'}) from (from base_${dataset} order by record limit 1) b, range(4000) r(i)`;

test('F07: the whole file counts, and any stray submission is a finding', async () => {
  await expect(
    check('sdf', many('sdf', "case when i % 2 = 0 then '2B6D' else i::varchar end")),
  ).rejects.toThrow(FileRefused);
  const { fileRules } = await check(
    'sdf',
    many('sdf', "case when i < 3 then 'X' when i = 3 then null else '2B6D' end"),
  );
  expect(fileRules).toMatchObject([{ id: 'F07', severity: 'warning', rows: 4 }]);
  expect(fileRules[0]!.message).toContain('4 of 4000 rows are of another submission');
  expect((await check('nap', many('nap', "'14B1'"))).fileRules).toEqual([]);
});

test('a rule says what it counts and of what; one that lacks what it compares with was not run', async () => {
  const path = '/tmp/dor-rule-bounds-sales.parquet';
  const staged = [
    'parcel_id',
    'i::varchar as sale_id',
    'sale_yr as sale_year',
    '2 as sale_month',
    'sale_prc as sale_price',
    'clerk_no',
    'or_book',
    'or_page',
    'dor_uc as property_use',
    'nbrhd_cd as neighborhood',
    'mkt_ar as market_area',
    'atv_strt as active_stratum',
    'grp_no as value_group',
    'mp_id',
    'state_parcel_id',
    'rs_id as submission_id',
  ];
  await engine.run(
    `copy (select ${staged.join(', ')} from (select * replace ('ELSEWHERE' as parcel_id) from base_sdf limit 1), range(50) r(i)) to '${path}' (format parquet)`,
  );
  const { rules } = await check('nal', 'from base_nal limit 2', 2030, { salesPath: path });
  await engine.run('drop view sdf');
  const found = new Map(rules.map((rule) => [rule.id, rule]));
  expect(found.get('X01')).toMatchObject({ rows: 50, of: { what: 'sales', rows: 50 } });
  expect(found.get('X04')).toMatchObject({ of: { what: 'parcels', rows: 2 } });
  expect(found.get('N05')).toMatchObject({ rows: 2, of: { what: 'parcels', rows: 2 } });
  expect(found.get('X06')!.rows).toBeNull();
  // No cap is known for 2030.
  expect(found.get('N20')!.rows).toBeNull();
  expect(found.get('N20')!.of).toBeUndefined();
});
