import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lake, openLake } from '../../src/query/lake.ts';
import type { Values } from '../../src/query/parameters.ts';
import { ask } from '../../src/query/runQuery.ts';
import { describeSaved, savedQueries, savedQuery, withDefaults } from '../../src/query/saved.ts';
import { ingestHere } from '../inProcess.ts';
import { dor, temporaryFolder } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-saved-'));
let lake: Lake;

beforeAll(async () => {
  for (const county of ['broward', 'liberty']) await ingestHere(data, { county, push: false });
  lake = await openLake(join(data, 'lake'));
});
afterAll(() => lake?.close());

type Row = Record<string, string | number | boolean | null>;

async function rows(query: string, values: Values = {}, of = lake): Promise<Row[]> {
  const out = new PassThrough();
  const text = out.toArray();
  await ask(of, { query, values, format: 'json', out });
  out.end();
  return JSON.parse(Buffer.concat(await text).toString());
}

const saved = (name: string, given: Values = {}) => {
  const query = savedQuery(name);
  return rows(query.sql, withDefaults(query, given));
};

/** What each must agree with, said another way. One county has about a quarter of the parcels of both. */
const AGREES: Record<
  string,
  { given?: Values; least: number; with: (found: Row[]) => Promise<void> | void }
> = {
  'absentee-owners-by-zip': {
    least: 4,
    with: async (found) => {
      const [all] = await rows(
        "select count(*) as n, count(*) filter (is_absentee) as a from dor_properties_current where property_use_group = 'Residential' and phy_zipcd is not null",
      );
      expect(sum(found, 'parcels')).toBe(all!.n);
      expect(sum(found, 'absentee')).toBe(all!.a);
    },
  },
  'businesses-by-owner': {
    // The sample's accounts and parcels have owners of their own: nothing to find, and no product of the two.
    least: 0,
    with: async (found) => {
      const [all] = await rows(
        'select count(distinct (county, owner_name)) as n from dor_tangible_current semi join dor_properties_current using (county, owner_name)',
      );
      expect(found.length).toBe(all!.n);
    },
  },
  flips: {
    least: 10,
    with: (found) => {
      for (const row of found) {
        expect(row.gain).toBe(Number(row.sold_for) - Number(row.bought_for));
        expect(String(row.sold_on) > String(row.bought_on)).toBe(true);
        expect(row.months).toBeLessThanOrEqual(24);
      }
      expect(found.map(({ gain }) => Number(gain))).toEqual(
        found.map(({ gain }) => Number(gain)).sort((a, b) => b - a),
      );
    },
  },
  'long-held': {
    given: { years: '1' },
    least: 5,
    with: (found) => {
      for (const row of found) expect(2025 - Number(String(row.last_sale).slice(0, 4))).toBe(row.years_held);
    },
  },
  'market-by-city': {
    least: 3,
    with: async (found) => {
      const [all] = await rows(
        "select count(*) as n from dor_properties_current where property_use_group = 'Residential' and phy_city is not null",
      );
      expect(sum(found, 'parcels')).toBe(all!.n);
    },
  },
  'new-company-buyers': {
    least: 5,
    with: async (found) => {
      for (const row of found.slice(0, 3)) {
        const [owned] = await rows(
          'select count(*) as n from dor_properties_current where owner_name = $o and latest_sale_date < current_date and latest_sale_date::varchar < $d',
          { o: String(row.owner_name), d: '2024-01-01' },
        );
        expect(owned!.n).toBe(0);
      }
    },
  },
  'out-of-state-owners': {
    least: 4,
    with: async (found) => {
      expect(found.map(({ state }) => state)).not.toContain('FL');
      const [all] = await rows('select count(*) as n from dor_properties_current where is_out_of_state');
      expect(sum(found, 'parcels')).toBe(all!.n);
    },
  },
  'portfolio-deals': {
    least: 1,
    with: async (found) => {
      for (const row of found) {
        const [deed] = await rows(
          'select count(distinct parcel_id) as n, max(sale_price) as p from dor_sales_current where county = $c and transaction_id = $t',
          { c: String(row.county), t: String(row.transaction_id) },
        );
        expect([row.parcels, row.price]).toEqual([deed!.n, deed!.p]);
      }
    },
  },
  'price-per-sqft-by-year': {
    least: 2,
    with: (found) => {
      for (const row of found) {
        expect(Number(row.lower_quarter)).toBeLessThanOrEqual(Number(row.median_price_per_sqft));
        expect(Number(row.median_price_per_sqft)).toBeLessThanOrEqual(Number(row.upper_quarter));
      }
    },
  },
  'sales-by-month': {
    least: 10,
    with: async (found) => {
      const [all] = await rows(
        "select count(distinct (county, transaction_id)) as n from dor_sales_current where is_qualified and property_use_group = 'Residential'",
      );
      expect(sum(found, 'deeds')).toBe(all!.n);
    },
  },
  'sold-below-value': {
    least: 5,
    with: (found) => {
      for (const row of found)
        expect(Number(row.latest_sale_price) <= Number(row.just_value) * 0.8).toBe(true);
    },
  },
  'top-holders': {
    given: { rows: '5', county: 'liberty', kind: 'company' },
    least: 5,
    with: async (found) => {
      expect(found.length).toBe(5);
      const [first] = await rows(
        "select sum(just_value) as v from dor_properties_current where county = 'liberty' and owner_kind = 'company' and owner_name = $o",
        { o: String(found[0]!.owner_name) },
      );
      expect(found[0]!.just_value).toBe(first!.v);
    },
  },
  'under-assessed': {
    // The sample assesses only farm land low, which is not what a sale ends.
    least: 0,
    with: (found) => {
      for (const row of found) expect(Number(row.gap) / Number(row.just_value)).toBeGreaterThanOrEqual(0.3);
    },
  },
  'vacant-land': {
    least: 40,
    with: (found) => {
      for (const row of found) expect(Number(row.land_acres)).toBeGreaterThanOrEqual(0.1);
    },
  },
};

const sum = (found: Row[], column: string) => found.reduce((total, row) => total + Number(row[column]), 0);

test.each(savedQueries().map(({ name }) => name))('%s finds what it says', async (name) => {
  const { given, least, with: agrees } = AGREES[name]!;
  const found = await saved(name, given);
  expect(found.length).toBeGreaterThanOrEqual(least);
  await agrees(found);
  const query = savedQuery(name);
  for (const words of [query.title, query.why]) expect(words).toMatch(/\w/);
  expect(query.sql).toMatch(/^-- grain: /m);
  // Every one can be narrowed to a county, and then has no more than for all.
  const one = await rows(query.sql, withDefaults(query, { ...given, county: 'Union' }));
  expect(one).toEqual([]);
});

test('dor sql --list and --saved', async () => {
  expect(describeSaved()).toMatch(/^top-holders\n {4}Top holders: .*\n {6}-p county=% /m);
  const { stdout } = await dor(data, [
    'sql',
    '--saved',
    'top-holders',
    '-p',
    'county=broward',
    '-p',
    'rows=3',
  ]);
  expect(stdout.trim().split('\n')).toHaveLength(4);
});

/** What a saved query finds in a lake that has these rows and no others; columns that are not named are NULL. */
async function found(name: string, tables: Record<string, Row[]>, given: Values = {}): Promise<Row[]> {
  const folder = temporaryFolder();
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const table of ['dor_properties', 'dor_sales', 'dor_tangible']) {
    const made = (tables[table] ?? []).map((row) => ({
      county: 'broward',
      county_no: 16,
      year: 2025,
      ...row,
    }));
    writeFileSync(join(folder, `${table}.json`), JSON.stringify(made));
    const partition = join(folder, 'staged', table, 'county=all/year=2025');
    mkdirSync(partition, { recursive: true });
    await connection.run(
      `create table ${table} as from '${data}/lake/staged/${table}/*/*/*.parquet' limit 0`,
    );
    if (made.length > 0)
      await connection.run(`insert into ${table} by name from read_json('${folder}/${table}.json')`);
    await connection.run(`copy ${table} to '${partition}/rows.parquet'`);
  }
  connection.closeSync();
  instance.closeSync();
  const byHand = await openLake(folder);
  const query = savedQuery(name);
  return rows(query.sql, withDefaults(query, given), byHand).finally(() => byHand.close());
}

describe('rows made by hand', () => {
  const sale = (parcel_id: string, sale_date: string, sale_price: number, more: Row = {}): Row => ({
    parcel_id,
    sale_date,
    sale_price,
    sale_id: `${parcel_id} ${sale_date} ${sale_price}`,
    transaction_id: `${parcel_id} ${sale_date} ${sale_price}`,
    transaction_price: sale_price,
    transaction_parcels: 1,
    is_qualified: true,
    ...more,
  });

  test('flips: both legs are qualified, of one parcel, and nothing lies between them', async () => {
    const dor_sales = [
      ...[
        sale('FLIP', '2024-01-01', 100_000),
        sale('FLIP', '2024-02-01', 100),
        sale('FLIP', '2024-08-01', 150_000),
      ],
      ...[
        sale('BOUGHT AT AUCTION', '2024-01-01', 50_000, { is_qualified: false }),
        sale('BOUGHT AT AUCTION', '2024-05-01', 200_000),
      ],
      ...[
        sale('SOLD TO THE BANK', '2024-01-01', 90_000),
        sale('SOLD TO THE BANK', '2024-06-01', 95_000, { is_qualified: null }),
      ],
      ...[
        sale('TWO OWNERS', '2024-01-01', 80_000),
        sale('TWO OWNERS', '2024-03-01', 20_000, { is_qualified: false }),
      ],
      ...[sale('TWO OWNERS', '2024-06-01', 120_000), sale('PORTFOLIO', '2024-01-01', 70_000)],
      ...[
        sale('PORTFOLIO', '2024-04-01', 9_000_000, { transaction_parcels: 40 }),
        sale('TWICE', '2024-01-01', 60_000),
      ],
      ...[
        sale('TWICE', '2024-01-01', 90_000),
        sale('TWICE', '2024-07-01', 99_000),
        sale('SLOW', '2022-01-01', 50_000),
      ],
      ...[sale('SLOW', '2024-02-01', 80_000)],
    ];
    expect(await found('flips', { dor_sales })).toMatchObject([
      { parcel_id: 'FLIP', bought_for: 100_000, sold_for: 150_000, gain: 50_000, months: 7 },
    ]);
  });

  test('new-company-buyers: every parcel was bought, lately, and a deed is paid once', async () => {
    const parcel = (
      owner_name: string,
      parcel_id: string,
      latest_sale_date: string | null,
      more: Row = {},
    ): Row => ({
      owner_name,
      parcel_id,
      owner_kind: 'company',
      latest_sale_date,
      latest_sale_price: 500_000,
      latest_sale_transaction_price: 500_000,
      latest_sale_id: latest_sale_date && `${parcel_id} ${latest_sale_date} 500000`,
      owner_city: 'MIAMI',
      owner_state: 'FL',
      ...more,
    });
    const deed = { transaction_id: 'BOTH', transaction_parcels: 2 };
    const dor_properties = [
      parcel('NEW LLC', 'A', '2024-03-01'),
      parcel('NEW LLC', 'B', '2024-03-01'),
      parcel('OLD LLC', 'C', '2024-03-01'),
      parcel('OLD LLC', 'D', null),
      parcel('EARLIER LLC', 'E', '2023-03-01'),
      parcel('GIVEN LLC', 'F', '2024-03-01'),
      parcel('GIVEN IN THE ROLL LLC', 'G', '2024-03-01', { sale_date: '2024-09-01' }),
    ];
    const dor_sales = [
      ...[sale('A', '2024-03-01', 500_000, deed), sale('B', '2024-03-01', 500_000, deed)],
      ...[sale('C', '2024-03-01', 500_000), sale('F', '2024-03-01', 500_000)],
      sale('F', '2024-06-01', 100, { is_qualified: false }),
    ];
    expect(await found('new-company-buyers', { dor_properties, dor_sales })).toMatchObject([
      {
        owner_name: 'NEW LLC',
        parcels: 2,
        spent: 500_000,
        owner_place: 'MIAMI, FL',
        first_purchase: '2024-03-01',
      },
    ]);
  });

  test('top-holders: a place is one that an address has', async () => {
    const at = (owner_city: string, owner_state: string, parcel: number): Row => ({
      owner_name: 'BIG LLC',
      owner_kind: 'company',
      just_value: 10,
      ...{ owner_city, owner_state, parcel_id: `P${parcel}` },
    });
    const dor_properties = [
      ...[1, 2, 3].map((parcel) => at('LOS ANGELES', 'CA', parcel)),
      ...[4, 5].map((parcel) => at('MIAMI', 'FL', parcel)),
      ...[6, 7].map((parcel) => at('TAMPA', 'FL', parcel)),
    ];
    expect(await found('top-holders', { dor_properties })).toMatchObject([
      { owner_name: 'BIG LLC', parcels: 7, just_value: 70, owner_place: 'LOS ANGELES, CA', owner_places: 3 },
    ]);
  });

  test('vacant-land: nothing that nobody can build on', async () => {
    const lot = (property_use: string, more: Row = {}): Row => ({
      parcel_id: `USE ${property_use} ${Object.keys(more)}`,
      ...{ property_use, land_acres: 1, just_value: 1000, ...more },
    });
    const dor_properties = [
      ...['000', '010', '060', '099'].map((use) => lot(use)),
      ...['001', '009', '038', '082', '091', '093', '094', '095', '096'].map((use) => lot(use)),
      lot('000', { owner_kind: 'association' }),
      lot('010', { owner_kind: 'government' }),
      lot('000', { buildings: 1 }),
      lot('000', { land_acres: null }),
    ];
    expect((await found('vacant-land', { dor_properties })).map(({ parcel_id }) => parcel_id)).toEqual([
      'USE 000 ',
      'USE 010 ',
      'USE 060 ',
      'USE 099 ',
    ]);
  });

  test('under-assessed: only what a sale ends', async () => {
    const parcel = (parcel_id: string, more: Row = {}): Row => ({
      ...{ parcel_id, property_use: '001', just_value: 500_000, assessed_value: 200_000, ...more },
    });
    const dor_properties = [
      parcel('CAPPED'),
      parcel('USE UNKNOWN', { property_use: null, just_value: 400_000 }),
      parcel('HOMESTEAD', { is_homestead: true }),
      parcel('PART HOMESTEAD', { assessed_value_homestead: 50_000 }),
      parcel('FARM BY VALUE', { just_value_agricultural: 400_000 }),
      parcel('FARM BY USE', { property_use: '060' }),
      parcel('CONSERVED', { just_value_conservation: 1 }),
      parcel('SMALL GAP', { assessed_value: 400_000 }),
    ];
    const ids = (await found('under-assessed', { dor_properties })).map(({ parcel_id }) => parcel_id);
    expect(ids).toEqual(['CAPPED', 'USE UNKNOWN']);
  });

  test('market-by-city and absentee-owners-by-zip: counties stay apart', async () => {
    const home = (county: string, county_no: number, just_value: number): Row => ({
      ...{
        county,
        county_no,
        just_value,
        parcel_id: `${county}${just_value}`,
        phy_city: 'MIDWAY',
        phy_zipcd: '32343',
      },
      property_use_group: 'Residential',
    });
    const dor_properties = [home('gadsden', 30, 100), home('gadsden', 30, 300), home('leon', 47, 900)];
    expect(await found('market-by-city', { dor_properties })).toMatchObject([
      { county: 'gadsden', city: 'MIDWAY', parcels: 2, median_just_value: 200 },
      { county: 'leon', city: 'MIDWAY', parcels: 1, median_just_value: 900 },
    ]);
    expect(await found('absentee-owners-by-zip', { dor_properties })).toMatchObject([
      { county: 'gadsden', zip: '32343', parcels: 2 },
      { county: 'leon', zip: '32343', parcels: 1 },
    ]);
  });

  test('sold-below-value and price-per-sqft-by-year: the price is of this parcel, as it is', async () => {
    const house = (parcel_id: string): Row => ({
      ...{ parcel_id, just_value: 500_000, total_living_area: 1000, property_use_group: 'Residential' },
      ...{
        latest_sale_date: '2024-03-01',
        latest_sale_price: 100_000,
        latest_sale_transaction_price: 100_000,
      },
      latest_sale_id: `${parcel_id} 2024-03-01 100000`,
    });
    const dor_properties = [house('ALONE'), house('ONE OF MANY'), house('A LOT THEN')];
    const dor_sales = [
      sale('ALONE', '2024-03-01', 100_000, { sale_year: 2024 }),
      sale('ONE OF MANY', '2024-03-01', 100_000, { sale_year: 2024, transaction_parcels: 9 }),
      sale('A LOT THEN', '2024-03-01', 100_000, { sale_year: 2024, vacant_improved: 'V' }),
    ];
    const below = await found('sold-below-value', { dor_properties, dor_sales });
    expect(below.map(({ parcel_id }) => parcel_id)).toEqual(['A LOT THEN', 'ALONE']);
    expect(await found('price-per-sqft-by-year', { dor_properties, dor_sales })).toMatchObject([
      { sales: 1 },
    ]);
  });

  test('portfolio-deals: what kind of deed it is, and its price once', async () => {
    const deed = (parcel_id: string, transaction_id: string, more: Row = {}): Row =>
      sale(parcel_id, '2024-03-01', 900, { transaction_id, transaction_parcels: 2, ...more });
    const affiliates = { is_qualified: false, sale_qualification_desc: 'Relatives' };
    const dor_sales = [
      ...[deed('A', 'BOUGHT'), deed('B', 'BOUGHT'), deed('C', 'MOVED', affiliates)],
      ...[deed('D', 'MOVED', affiliates), sale('E', '2024-03-01', 5000)],
    ];
    expect(await found('portfolio-deals', { dor_sales })).toMatchObject([
      { transaction_id: 'BOUGHT', price: 900, parcels: 2, is_qualified: true, price_per_parcel: 450 },
      { transaction_id: 'MOVED', is_qualified: false, qualification: 'Relatives' },
    ]);
  });

  test('long-held: absentee owners who could sell, by the last deed of either roll', async () => {
    const home = (parcel_id: string, more: Row = {}): Row => ({
      ...{
        parcel_id,
        property_use_group: 'Residential',
        is_absentee: true,
        sale_date: '1999-05-01',
        ...more,
      },
    });
    const dor_properties = [
      home('HELD'),
      home('SOLD SINCE', { latest_sale_date: '2024-01-01' }),
      home('SOLD BEFORE THAT', { sale_date: null, sale2_date: '2020-01-01' }),
      home('LIVES THERE', { is_absentee: false }),
      home('NOT KNOWN', { is_absentee: null }),
      home('NEVER SOLD', { sale_date: null }),
      home('COUNTY', { owner_kind: 'government' }),
      home('ASSOCIATION', { owner_kind: 'association' }),
    ];
    expect(await found('long-held', { dor_properties })).toMatchObject([
      { parcel_id: 'HELD', last_sale: '1999-05-01', years_held: 26 },
    ]);
  });

  test('out-of-state-owners, businesses-by-owner, sales-by-month: nothing is counted twice', async () => {
    const owned = (parcel_id: string, owner_name: string, more: Row = {}): Row => ({
      ...{ parcel_id, owner_name, just_value: 100, phy_city: 'MIDWAY', ...more },
    });
    const away = { owner_state: 'GA', is_out_of_state: true };
    const dor_properties = [
      owned('A', 'ACME LLC', away),
      owned('B', 'ACME LLC', away),
      owned('C', 'FLORIDIAN', { owner_state: 'FL', is_out_of_state: false }),
      owned('D', 'ACME LLC', { county: 'leon', county_no: 47, is_out_of_state: null }),
    ];
    expect(await found('out-of-state-owners', { dor_properties })).toMatchObject([
      { state: 'GA', parcels: 2, owners: 1, just_value: 200, mostly_in: 'MIDWAY, broward' },
    ]);
    const account = (account_id: string): Row => ({ account_id, owner_name: 'ACME LLC', just_value: 7 });
    const dor_tangible = [account('1'), account('2'), { ...account('3'), owner_name: 'TENANT LLC' }];
    expect(await found('businesses-by-owner', { dor_properties, dor_tangible })).toMatchObject([
      { owner_name: 'ACME LLC', accounts: 2, equipment_value: 14, parcels: 2, parcel_value: 200 },
    ]);
    const residential = { property_use_group: 'Residential' };
    const deed = { ...residential, transaction_id: 'BOTH', transaction_parcels: 2 };
    const dor_sales = [
      ...[sale('A', '2024-03-01', 500, deed), sale('B', '2024-03-01', 500, deed)],
      ...[sale('C', '2024-03-01', 300, residential), sale('D', '2024-03-01', 9, { is_qualified: false })],
    ];
    expect(await found('sales-by-month', { dor_sales })).toEqual([
      { month: '2024-03-01', deeds: 2, median_price: 400, total: 800 },
    ]);
  });

  test('a percentage is of those that are known', async () => {
    const home = (parcel_id: string, is_absentee: boolean | null): Row => ({
      ...{
        parcel_id,
        is_absentee,
        property_use_group: 'Residential',
        phy_city: 'MIDWAY',
        phy_zipcd: '32343',
      },
    });
    const dor_properties = [home('A', true), home('B', false), home('C', null), home('D', null)];
    const wanted = [{ parcels: 4, absentee_pct: 50 }];
    expect(await found('market-by-city', { dor_properties })).toMatchObject(wanted);
    expect(await found('absentee-owners-by-zip', { dor_properties })).toMatchObject(wanted);
  });

  test('a county in any spelling', async () => {
    const dor_properties = [{ parcel_id: 'A', owner_name: 'SOMEONE', owner_kind: 'person', just_value: 1 }];
    for (const county of ['Broward', ' broward', 'BROWARD', '16', 'brow%', '%'])
      expect(await found('top-holders', { dor_properties }, { county }), county).toHaveLength(1);
    expect(await found('top-holders', { dor_properties }, { county: 'Saint Johns' })).toEqual([]);
    await expect(found('top-holders', { dor_properties }, { county: 'Browrad' })).rejects.toMatchObject({
      remedy: expect.stringMatching(/did you mean broward/),
    });
    // A query that declares none gets its values as they are.
    expect(await rows('select $county as c', { county: 'Broward' })).toEqual([{ c: 'Broward' }]);
  });
});
