import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openLake } from '../../src/query/lake.ts';
import type { Values } from '../../src/query/parameters.ts';
import { ask } from '../../src/query/runQuery.ts';
import { describeSaved, savedQueries, savedQuery, withDefaults } from '../../src/query/saved.ts';
import { dor } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-saved-'));
let lake: Lake;

beforeAll(async () => {
  await dor(data, ['ingest', 'broward', '--no-push']);
  await dor(data, ['ingest', 'liberty', '--no-push']);
  lake = await openLake(join(data, 'lake'));
});
afterAll(() => lake?.close());

type Row = Record<string, string | number | boolean | null>;

async function rows(query: string, values: Values = {}): Promise<Row[]> {
  const out = new PassThrough();
  const text = out.toArray();
  await ask(lake, { query, values, format: 'json', out, limit: 10 });
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
    least: 20,
    with: (found) => {
      for (const row of found) expect(Number(row.gap) / Number(row.just_value)).toBeGreaterThanOrEqual(0.3);
    },
  },
  'vacant-land': {
    least: 50,
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
  expect(query.title && query.why).toBeTruthy();
  expect(query.sql).toMatch(/^-- grain: /m);
  // Every one can be narrowed to a county, and then has no more than for all.
  const one = await rows(query.sql, withDefaults(query, { ...given, county: 'nowhere' }));
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
