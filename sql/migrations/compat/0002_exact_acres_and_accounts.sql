-- What the first version of the views gave otherwise than the application has it: acres are square feet divided by
-- 43,560 and not rounded; a year and a count of units are integers. What is looked up by an index (sale_date, year_built,
-- just_value, names) stands bare: a cast would lose the index. And the personal property accounts.

-- grain: one row per parcel of its county's newest roll.
drop view florida_parcels;
create or replace view florida_parcels with (security_invoker = true) as
select
  -- 52 bits of a hash of the key: the same on every run, exact in JavaScript.
  ('x' || left(md5(p.county_no || ' ' || p.year || ' ' || p.parcel_id), 13))::bit(52)::bigint as id,
  p.parcel_id,
  newest.spelled_by_app as county,
  newest.year::integer as year,
  null::jsonb as geometry,
  null::jsonb as centroid,
  null::numeric as area_sqft,
  null::numeric as perimeter_ft,
  p.owner_name,
  p.owner_addr1,
  p.owner_addr2,
  p.owner_city,
  p.owner_state,
  p.owner_zipcd as owner_zip,
  p.phy_addr1,
  p.phy_addr2,
  p.phy_city,
  'FL'::text as phy_state,
  p.phy_zipcd,
  p.legal_desc,
  null::text as subdivision,
  null::text as lot,
  null::text as block,
  p.property_use,
  p.property_use_desc,
  p.property_use as land_use_code,
  null::text as zoning,
  p.just_value,
  p.assessed_value,
  p.taxable_value,
  p.land_value,
  p.building_value,
  p.year_built,
  p.total_living_area,
  null::integer as bedrooms,
  null::numeric as bathrooms,
  null::numeric as stories,
  -- A count beyond the type would fail the whole answer.
  case when p.units between -2147483648 and 2147483647 then p.units::integer end as units,
  p.land_sqft,
  coalesce(nullif(p.land_sqft, 0) / 43560.0, p.land_acres)::double precision as land_acres,
  p.sale_date,
  p.sale_price,
  p.sale_qualification,
  null::text as match_status,
  null::text as discrepancy_reason,
  false as is_redacted,
  'DOR NAL'::text as data_source,
  newest.published_at at time zone 'UTC' as import_date,
  newest.published_at at time zone 'UTC' as update_date,
  lpad(to_hex(p.row_hash), 16, '0') as data_hash,
  p.just_value as market_value,
  p.property_use_group as standardized_property_use,
  p.is_homestead,
  p.sale_multi_parcel as multi_parcel_sale
from dor_properties p
join dor_partitions newest
  on newest.table_name = 'dor_properties' and newest.is_newest
  and newest.county_no = p.county_no and newest.year = p.year;
comment on view florida_parcels is 'Parcels of the newest roll under ConcordBroker''s names. Dollars. Made by dor migrate --compat.';

-- grain: one row per account of its county's newest tangible roll. The roll has one name; it is a business's where it is a
-- company's. NULL for what the roll does not have.
create view fl_tpp_accounts with (security_invoker = true) as
select
  ('x' || left(md5(t.county_no || ' ' || t.year || ' ' || t.account_id), 13))::bit(52)::bigint as id,
  t.account_id as account_number,
  t.county_no::integer as county_no,
  newest.spelled_by_app as county,
  newest.year::integer as year,
  t.owner_name,
  case when t.owner_kind = 'company' then t.owner_name end as business_name,
  t.owner_addr1,
  t.owner_city,
  t.owner_state,
  t.owner_zipcd as owner_zip,
  t.fiduciary_name,
  t.phy_addr1,
  t.phy_city,
  'FL'::text as phy_state,
  t.phy_zipcd,
  t.naics_code,
  t.tax_authority_code,
  t.just_value,
  t.assessed_value,
  t.exempt_value,
  t.taxable_value,
  t.furniture_value,
  t.leasehold_value,
  'DOR NAP'::text as data_source,
  newest.published_at at time zone 'UTC' as update_date
from dor_tangible t
join dor_partitions newest
  on newest.table_name = 'dor_tangible' and newest.is_newest
  and newest.county_no = t.county_no and newest.year = t.year;
comment on view fl_tpp_accounts is 'Personal property accounts of the newest roll under ConcordBroker''s names. Dollars. Made by dor migrate --compat.';

insert into dor_internal.published (ordinal, name) values
  (230, 'fl_tpp_accounts');
