import { afterAll, beforeAll, expect, test } from 'vitest';
import { inboxWithLiberty } from '../liberty.ts';
import { rows, type TestServer } from '../server.ts';
import { startSupabase } from '../supabase.ts';
import { dataFolder, dor, ingest } from '../workspace.ts';

/** As ConcordBroker's screens read them. */
const PARCELS =
  `id parcel_id county year geometry centroid area_sqft perimeter_ft owner_name owner_addr1 owner_addr2 owner_city
  owner_state owner_zip phy_addr1 phy_addr2 phy_city phy_state phy_zipcd legal_desc subdivision lot block property_use
  property_use_desc land_use_code zoning just_value assessed_value taxable_value land_value building_value year_built
  total_living_area bedrooms bathrooms stories units land_sqft land_acres sale_date sale_price sale_qualification match_status
  discrepancy_reason is_redacted data_source import_date update_date data_hash market_value standardized_property_use`.split(
    /\s+/,
  );
const SALES =
  `sale_price sale_date quality_code clerk_no or_book or_page verification_code sale_id_code dor_use_code
  neighborhood_code state_parcel_id county data_quality_flag county_no parcel_id sale_year sale_month`.split(
    /\s+/,
  );

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
  url = await server.createDatabase('compat');
});
afterAll(() => server?.stop());

test('the views are opt-in, have the columns that the screens read, and the rows of the tables', async () => {
  const env = { SUPABASE_DB_URL: url };
  await ingest(inboxWithLiberty(), ['liberty'], env);
  expect(await rows(url, "select 1 from pg_views where viewname = 'florida_parcels'")).toEqual([]);
  expect((await dor(dataFolder(), ['migrate', '--compat'], env)).stdout).toMatch(/compat\/0001.*applied/);

  const columns = async (view: string) =>
    (
      await rows(
        url,
        `select column_name as name from information_schema.columns where table_name = '${view}'`,
      )
    ).map(({ name }) => name);
  expect(await columns('florida_parcels')).toEqual(expect.arrayContaining(PARCELS));
  expect(PARCELS).toHaveLength(52);
  expect(await columns('property_sales_history')).toEqual(expect.arrayContaining(SALES));

  const [parcels] = await rows(
    url,
    `select count(*)::int as n, count(distinct v.id)::int as ids, count(distinct v.county)::text || min(v.county) as county,
       count(*) filter (where v.just_value = p.just_value and v.sale_price is not distinct from p.sale_price
         and v.building_value is not distinct from p.building_value and v.land_use_code is not distinct from p.property_use
         and v.sale_date is not distinct from p.sale_date and v.owner_zip is not distinct from p.owner_zipcd)::int as same,
       count(*) filter (where extract(day from v.sale_date) <> 1)::int as other_days,
       count(v.bedrooms) + count(v.bathrooms) + count(v.stories) as guessed,
       count(*) filter (where length(v.property_use) = 3)::int as codes,
       (select count(*)::int from dor_properties) as held
     from florida_parcels v join dor_properties p using (parcel_id)`,
  );
  expect(parcels.n).toBeGreaterThan(100);
  expect(parcels).toEqual({
    ...{ n: parcels.held, ids: parcels.held, same: parcels.held, codes: parcels.held, held: parcels.held },
    ...{ county: '1LIBERTY', other_days: 0, guessed: '0' },
  });
  const [exact] = await rows(
    url,
    `select count(*) filter (where v.land_acres is distinct from coalesce(nullif(p.land_sqft, 0) / 43560.0, p.land_acres)::float8)::int as other,
       count(*) filter (where v.land_acres <> p.land_acres)::int as rounded,
       min(concat_ws(' ', pg_typeof(v.year), pg_typeof(v.units), pg_typeof(v.sale_date))) as types
     from florida_parcels v join dor_properties p using (parcel_id)`,
  );
  expect(exact).toEqual({
    ...{ other: 0, rounded: expect.any(Number) },
    types: 'integer integer date',
  });
  expect(exact.rounded).toBeGreaterThan(10);
  expect(await columns('fl_tpp_accounts')).toEqual(
    expect.arrayContaining([
      'account_number',
      'owner_name',
      'business_name',
      'naics_code',
      'just_value',
      'county',
    ]),
  );
  const [accounts] = await rows(
    url,
    `select count(*)::int as n, sum(v.just_value)::text as money, min(v.county) as county, count(distinct v.id)::int as ids,
       count(v.business_name)::int > 0 as businesses, (select sum(just_value)::text from dor_tangible) as real
     from fl_tpp_accounts v`,
  );
  expect(accounts).toEqual({
    ...{ n: 100, ids: 100, money: accounts.real, real: accounts.real },
    ...{ county: 'LIBERTY', businesses: true },
  });

  const [sales] = await rows(
    url,
    `select count(*)::int as n, sum(sale_price)::text as money, count(*) filter (where sale_price < 1000)::int as small,
       (select count(*)::int from dor_sales) as held, (select sum(sale_price)::text from dor_sales) as real
     from property_sales_history`,
  );
  expect(sales.n).toBe(sales.held);
  expect(sales.money).toBe(sales.real);
  // What costs next to nothing is a sale, too: whether to show it is the screen's business.
  expect(sales.small).toBeGreaterThan(0);
});

test('of two roll years the newest parcel counts, and a sale that is in both counts once', async () => {
  const copyYear = (table: string, change = '') => `
    create temp table next on commit drop as select * from ${table};
    update next set year = year + 1 ${change};
    insert into ${table} select * from next;
    insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, sql_version, row_count, checksum,
      inserted, updated, deleted)
    select '${table}', 49, 2026, 'x', 'x', 'x', count(*), 0, 0, 0, 0 from next;`;
  await rows(url, `begin; ${copyYear('dor_properties', ', just_value = just_value + 1')} commit`);
  await rows(url, `begin; ${copyYear('dor_sales')} commit`);
  const [found] = await rows(
    url,
    `select (select count(*)::int from florida_parcels) as parcels, (select min(year) from florida_parcels) as year,
       (select count(*)::int from property_sales_history) as sales,
       (select count(*)::int from dor_properties_current) as current_parcels,
       (select count(*)::int from dor_sales_current) as current_sales,
       (select count(*)::int / 2 from dor_properties) as half, (select count(*)::int / 2 from dor_sales) as half_sales`,
  );
  expect(found).toEqual({
    ...{ parcels: found.half, current_parcels: found.half, half: found.half, year: 2026 },
    ...{ sales: found.half_sales, current_sales: found.half_sales, half_sales: found.half_sales },
  });
  // A roll that was taken back leaves the former one the newest.
  await rows(
    url,
    `insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, sql_version, row_count, checksum,
       inserted, updated, deleted) values ('dor_properties', 49, 2026, 'x', 'x', 'x', 0, 0, 0, 0, 0)`,
  );
  expect(
    await rows(url, "select year from dor_partitions where table_name = 'dor_properties' and is_newest"),
  ).toEqual([{ year: 2025 }]);
});

test('keys that read alike when joined have ids of their own; those without blanks keep the ids they had', async () => {
  const key = (parcel: string, sale: string) => `(11, 2020, '${parcel}', '${sale}', 'Alachua', 1)`;
  const keys = [
    ['A B', 'C'],
    ['A', 'B C'],
    ['A\\', 'B'],
    ['A\\ B', 'C'],
    ['A\\\\', 'B'],
    ['A \\', 'B'],
  ] as const;
  await rows(
    url,
    `insert into dor_sales (county_no, year, parcel_id, sale_id, county, row_hash)
     values ${keys.map(([parcel, sale]) => key(parcel, sale)).join(', ')}`,
  );
  const [found] = await rows(
    url,
    `select count(distinct id)::int as ids, count(*)::int as n,
       count(*) filter (where id <> ('x' || left(md5(county_no || ' ' || parcel_id || ' ' || sale_id_code), 13))::bit(52)::bigint
         and parcel_id !~ '[ \\\\]')::int as moved
     from property_sales_history`,
  );
  expect(found).toEqual({ ids: found.n, n: found.n, moved: 0 });
});

test('counties are spelled as the screens spell them', async () => {
  const found = await rows(
    url,
    'select spelled_by_app from dor_counties where county_no in (23, 24, 65, 60) order by county_no',
  );
  expect(found.map(({ spelled_by_app }) => spelled_by_app)).toEqual([
    'MIAMI-DADE',
    'DESOTO',
    'PALM BEACH',
    'ST JOHNS',
  ]);
  await rows(url, "update dor_counties set spelled_by_app = 'LIBERTY COUNTY' where county_no = 49");
  expect(
    await rows(url, "select count(*)::int > 0 as found from florida_parcels where county = 'LIBERTY COUNTY'"),
  ).toEqual([{ found: true }]);
});
