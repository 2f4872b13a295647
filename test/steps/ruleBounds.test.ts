import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/engine.ts';
import { FileRefused } from '../../src/errors.ts';
import type { Dataset } from '../../src/model.ts';
import { counties } from '../../src/reference.ts';
import { readRules } from '../../src/rules.ts';
import { validate } from '../../src/steps/validate.ts';
import { openSampleRows } from './sampleRows.ts';

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
function rowWith(dataset: Dataset, values: string): string {
  const replaced = values
    .split(/; (?=\w+: )/)
    .filter(Boolean)
    .map((one) => {
      const [, name, expression] = /^(\w+): ([\s\S]+)$/.exec(one)!;
      return `(${expression})::${types.get(`${dataset}.${name}`)} as ${name}`;
    });
  return `select ${replaced.length > 0 ? `* replace (${replaced.join(', ')})` : '*'} from (from base_${dataset} order by record limit 1)`;
}

const cases: Record<string, { breaks: string[]; holds: string[] }> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../cases/validate/bounds.json'), 'utf8'),
);

test.each(DATASETS)('%s: every rule about one row at its boundary, and with blanks', async (dataset) => {
  const wrong: string[] = [];
  const rules = readRules(dataset).filter(({ id, condition }) => condition || id in cases);
  for (const { id, query } of rules) {
    if (!(id in cases)) wrong.push(`${id} has no case`);
    for (const [expected, rows] of Object.entries(cases[id] ?? {})) {
      for (const values of rows) {
        await engine.run(`create or replace temp view ${dataset} as ${rowWith(dataset, values)}`);
        const { n } = await engine.row(`select count(*) as n from (${query})`);
        if (Number(n) > 0 !== (expected === 'breaks')) wrong.push(`${id} ${expected} ${values}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

/** Rules that compare rows: the rows, and how many of them break the rule. */
const SEVERAL: [string, string[], number][] = [
  [
    'S29',
    [
      "clerk_no: null; or_book: '1/2'; or_page: '3'; parcel_id: 'A'; multi_par_sal: 'C'",
      "clerk_no: null; or_book: '1'; or_page: '2/3'; parcel_id: 'B'; multi_par_sal: 'C'",
    ],
    2,
  ],
  [
    'S29',
    [
      "clerk_no: '1'; parcel_id: 'A'; multi_par_sal: 'C'",
      "clerk_no: '1'; parcel_id: 'B'; multi_par_sal: null",
    ],
    0,
  ],
  [
    'S30',
    [
      "clerk_no: null; or_book: '1/2'; or_page: '3'; parcel_id: 'A'; multi_par_sal: null",
      "clerk_no: null; or_book: '1'; or_page: '2/3'; parcel_id: 'B'; multi_par_sal: null",
    ],
    0,
  ],
  [
    'S30',
    [
      "clerk_no: '1/2'; parcel_id: 'A'; multi_par_sal: null",
      "clerk_no: null; or_book: '1'; or_page: '2'; parcel_id: 'B'; multi_par_sal: null",
    ],
    0,
  ],
  [
    'S30',
    [
      "clerk_no: null; or_book: null; parcel_id: 'A'; multi_par_sal: null",
      "clerk_no: null; or_book: null; parcel_id: 'B'; multi_par_sal: null",
    ],
    0,
  ],
  [
    'S30',
    [
      "clerk_no: '1'; parcel_id: 'A'; multi_par_sal: null",
      "clerk_no: '1'; parcel_id: 'B'; multi_par_sal: null",
    ],
    2,
  ],
  ['S31', ["clerk_no: '1'; sale_mo: '2'", "clerk_no: '1'; sale_mo: '02'"], 0],
  ['S31', ["clerk_no: '1'; sale_prc: 100", "clerk_no: '1'; sale_prc: null"], 2],
  ['S31', ["clerk_no: '1'; sale_yr: 2024", "clerk_no: '1'; sale_yr: 2025"], 2],
  ['S32', ["clerk_no: '1'; qual_cd: '01'", "clerk_no: '1'; qual_cd: null"], 2],
  ['S32', ["clerk_no: '1'; qual_cd: null", "clerk_no: '1'; qual_cd: null"], 0],
  [
    'S36',
    ["parcel_id: 'A'; nbrhd_cd: '1|2'; mkt_ar: '3'", "parcel_id: 'A'; nbrhd_cd: '1'; mkt_ar: '2|3'"],
    2,
  ],
  ['S36', ["parcel_id: 'A'; nbrhd_cd: '-'", "parcel_id: 'A'; nbrhd_cd: null"], 2],
  ['S36', ["parcel_id: 'A'; atv_strt: '1'", "parcel_id: 'A'; atv_strt: '01'"], 0],
  ['S36', ["parcel_id: 'A'; nbrhd_cd: '1'", "parcel_id: 'B'; nbrhd_cd: '2'"], 0],
  ['S01', ["parcel_id: 'AA BB'; sale_id_cd: 'CC'", "parcel_id: 'AA'; sale_id_cd: 'BB CC'"], 0],
  ['S01', ["parcel_id: 'A'; sale_id_cd: null", "parcel_id: 'A'; sale_id_cd: null"], 0],
  ['N01', ["parcel_id: 'A'", "parcel_id: 'A'"], 2],
  [
    'N45',
    ['mp_id: null; state_par_id: null; seq_no: null', 'mp_id: null; state_par_id: null; seq_no: null'],
    0,
  ],
  [
    'N45',
    ["mp_id: '1'; state_par_id: null; seq_no: null", "mp_id: '1'; state_par_id: null; seq_no: null"],
    2,
  ],
  ['P42', ['seq_no: 1', 'seq_no: 1'], 2],
  ['P42', ['seq_no: 1', 'seq_no: 2'], 0],
];

test.each(SEVERAL)('%s over several rows: %j', async (id, rows, expected) => {
  const dataset = ({ N: 'nal', S: 'sdf', P: 'nap' } as const)[id[0] as 'N' | 'S' | 'P'];
  const union = rows.map((values) => rowWith(dataset, values)).join(' union all ');
  await engine.run(`create or replace temp view ${dataset} as ${union}`);
  const { query } = readRules(dataset).find((rule) => rule.id === id)!;
  expect(Number((await engine.row(`select count(*) as n from (${query})`)).n)).toBe(expected);
});

const SLOT =
  "qual_cd1: '01'; sale_yr1: 2025; sale_mo1: '02'; sale_prc1: 5; clerk_no1: '7'; or_book1: null; or_page1: null; qual_cd2: null; sale_yr2: null; sale_prc2: null";
const SOLD = "sale_yr: 2025; sale_mo: '02'; sale_prc: 5; clerk_no: '7'; or_book: null; or_page: null";
/** A parcel, a sale, and how many break the rule between them. */
const BETWEEN: [string, string, string, number][] = [
  ['X01', '', "parcel_id: 'ELSEWHERE'", 1],
  ['X01', '', '', 0],
  ['X02', "rs_id: 'A'", 'rs_id: null', 1],
  ['X02', 'rs_id: null', "rs_id: 'A'", 1],
  ['X02', "rs_id: 'A'", "rs_id: 'A'", 0],
  ['X03', "atv_strt: '01'; grp_no: '1'", "atv_strt: '1'; grp_no: '01'", 0],
  ['X03', 'nbrhd_cd: null', "nbrhd_cd: '1'", 1],
  ['X04', SLOT, SOLD, 0],
  ['X04', SLOT.replace("'02'", "'2'"), SOLD, 0],
  ['X04', SLOT.replace("sale_mo1: '02'", 'sale_mo1: null'), SOLD, 1],
  ['X04', SLOT.replace("qual_cd1: '01'", 'qual_cd1: null').replace('5', '6'), SOLD, 1],
  ['X04', SLOT.replace("clerk_no1: '7'", 'clerk_no1: null'), SOLD, 1],
];

test.each(BETWEEN)('%s between a parcel (%s) and a sale (%s)', async (id, parcel, sale, expected) => {
  const same = 'parcel_id, dor_uc, nbrhd_cd, mkt_ar, atv_strt, grp_no, mp_id';
  await engine.run(`create or replace temp view nal as ${rowWith('nal', parcel)}`);
  const clean = `select s.* replace (${same
    .split(', ')
    .map((name) => `n.${name} as ${name}`)
    .join(', ')}, n.state_par_id as state_parcel_id)
    from base_sdf s, (from base_nal order by record limit 1) n order by s.record limit 1`;
  await engine.run(
    `create or replace temp view sdf as ${rowWith('sdf', sale).replace(/\(from base_sdf .*$/, `(${clean})`)}`,
  );
  const { query } = readRules('cross').find((rule) => rule.id === id)!;
  expect(Number((await engine.row(`select count(*) as n from (${query})`)).n)).toBe(expected);
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
