-- The names under which ConcordBroker's screens read, over the newest rolls. Dollars, never cents; real dates, a sale's
-- month as its first day; NULL for what none of the rolls has (bedrooms, bathrooms, stories, geometry, zoning). Text is
-- not cut to the old widths: cutting is what made 'Commercia' of a use and CA of CANADA.
-- Columns stand bare, without a cast to an old type, so that the tables' indexes serve (JSON shows no difference); the county's spelling comes
-- from a few rows that are joined by number, so that a county is found by key.

-- grain: one row per parcel of its county's newest roll.
create view florida_parcels with (security_invoker = true) as
select
  -- 52 bits of a hash of the key: the same on every run, exact in JavaScript.
  ('x' || left(md5(p.county_no || ' ' || p.year || ' ' || p.parcel_id), 13))::bit(52)::bigint as id,
  p.parcel_id,
  newest.spelled_by_app as county,
  p.year,
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
  p.units,
  p.land_sqft,
  p.land_acres,
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

-- grain: one row per sale of a parcel, as the newest roll that has it says. A sale stays in the rolls of two years.
create view property_sales_history with (security_invoker = true) as
select
  ('x' || left(md5(s.county_no || ' ' || s.parcel_id || ' ' || s.sale_id), 13))::bit(52)::bigint as id,
  s.county_no,
  c.spelled_by_app as county,
  s.parcel_id,
  s.state_parcel_id,
  s.year as assessment_year,
  s.active_stratum as atv_start,
  s.value_group as group_no,
  s.property_use as dor_use_code,
  s.neighborhood as neighborhood_code,
  s.market_area,
  s.census_block,
  s.sale_id as sale_id_code,
  s.sale_change as sale_change_code,
  s.vacant_improved as verification_code,
  s.or_book,
  s.or_page,
  s.clerk_no,
  s.sale_qualification as quality_code,
  s.sale_year,
  s.sale_month,
  s.sale_date,
  s.sale_price,
  s.multi_parcel_sale,
  null::text as rs_id,
  s.mp_id,
  null::text as data_quality_flag,
  'DOR SDF'::text as data_source
from dor_sales s
join dor_counties c on c.county_no = s.county_no
where not exists (
  select from dor_sales later
  where later.county_no = s.county_no and later.parcel_id = s.parcel_id and later.sale_id = s.sale_id
    and later.year > s.year
);
comment on view property_sales_history is 'Sales under ConcordBroker''s names. Dollars, once a sale. Made by dor migrate --compat.';

insert into dor_internal.published (ordinal, name) values
  (210, 'florida_parcels'),
  (220, 'property_sales_history');
