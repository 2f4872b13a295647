-- The published tables: what the lake stages, under the same names and types, so that a query moves unchanged.
-- Row level security is on and no policy lets anyone in yet: only the owner and roles that bypass it see rows.
create schema if not exists dor_internal;
revoke all on schema dor_internal from public;

create table public.dor_sales (
  county_no smallint not null,
  year smallint not null,
  parcel_id text not null,
  sale_id text not null,
  county text not null,
  sale_year smallint,
  sale_month smallint,
  sale_date date,
  sale_price bigint,
  sale_qualification text,
  sale_qualification_desc text,
  arms_length_group text,
  is_qualified boolean,
  vacant_improved text,
  sale_change text,
  multi_parcel_sale text,
  transaction_id text,
  transaction_price bigint,
  transaction_parcels integer,
  clerk_no text,
  or_book text,
  or_page text,
  property_use text,
  property_use_desc text,
  property_use_group text,
  neighborhood text,
  market_area text,
  census_block text,
  active_stratum text,
  value_group text,
  mp_id text,
  state_parcel_id text,
  extra jsonb,
  row_hash bigint not null,
  primary key (county_no, year, parcel_id, sale_id)
);
comment on table public.dor_sales is 'One row per sale of a parcel and roll year. Several rows may belong to one deed: sum transaction_price once per transaction_id.';
alter table public.dor_sales enable row level security;

create table public.dor_properties (
  county_no smallint not null,
  year smallint not null,
  parcel_id text not null,
  county text not null,
  owner_name text,
  owner_kind text,
  owner_addr1 text,
  owner_addr2 text,
  owner_city text,
  owner_state text,
  owner_zipcd text,
  owner_domicile text,
  is_out_of_state boolean,
  is_absentee boolean,
  is_homestead boolean,
  fiduciary_name text,
  fiduciary_addr1 text,
  fiduciary_addr2 text,
  fiduciary_city text,
  fiduciary_state text,
  fiduciary_zipcd text,
  fiduciary_code text,
  phy_addr1 text,
  phy_addr2 text,
  phy_city text,
  phy_zipcd text,
  legal_desc text,
  property_use text,
  property_use_desc text,
  property_use_group text,
  county_use text,
  just_value bigint,
  assessed_value bigint,
  assessed_value_county bigint,
  taxable_value bigint,
  taxable_value_county bigint,
  just_value_change bigint,
  just_value_change_code text,
  land_value bigint,
  building_value bigint,
  special_feature_value bigint,
  new_construction_value bigint,
  demolished_value bigint,
  just_value_homestead bigint,
  assessed_value_homestead bigint,
  just_value_non_homestead bigint,
  assessed_value_non_homestead bigint,
  just_value_other_capped bigint,
  assessed_value_other_capped bigint,
  just_value_agricultural bigint,
  assessed_value_agricultural bigint,
  just_value_water_recharge bigint,
  assessed_value_water_recharge bigint,
  just_value_conservation bigint,
  assessed_value_conservation bigint,
  just_value_historic_commercial bigint,
  assessed_value_historic_commercial bigint,
  just_value_historic_significant bigint,
  assessed_value_historic_significant bigint,
  just_value_working_waterfront bigint,
  assessed_value_working_waterfront bigint,
  land_units_code text,
  land_units numeric(18,4),
  land_sqft bigint,
  land_acres numeric(18,4),
  year_built bigint,
  effective_year_built bigint,
  total_living_area bigint,
  value_per_sqft numeric(18,2),
  price_per_sqft numeric(18,2),
  buildings bigint,
  units bigint,
  improvement_quality text,
  construction_class text,
  last_inspection text,
  parcel_split text,
  disaster_code text,
  disaster_year bigint,
  special_assessment_code text,
  sale_date date,
  sale_year smallint,
  sale_month smallint,
  sale_price bigint,
  sale_qualification text,
  sale_vacant_improved text,
  sale_multi_parcel text,
  sale_or_book text,
  sale_or_page text,
  sale_clerk_no text,
  sale_change text,
  sale2_date date,
  sale2_year smallint,
  sale2_month smallint,
  sale2_price bigint,
  sale2_qualification text,
  sale2_vacant_improved text,
  sale2_multi_parcel text,
  sale2_or_book text,
  sale2_or_page text,
  sale2_clerk_no text,
  sale2_change text,
  latest_sale_id text,
  latest_sale_date date,
  latest_sale_price bigint,
  latest_sale_transaction_price bigint,
  latest_sale_qualification text,
  exemptions jsonb,
  applicant_status text,
  co_applicant_status text,
  assessment_transfer text,
  previous_homestead_owners bigint,
  assessment_difference_transferred bigint,
  previous_homestead_county_no bigint,
  previous_homestead_parcel_id text,
  assessment_transfer_year bigint,
  basic_stratum text,
  active_stratum text,
  value_group text,
  market_area text,
  neighborhood text,
  public_land text,
  tax_authority_code text,
  township text,
  range text,
  section text,
  census_block text,
  alt_key text,
  mp_id text,
  state_parcel_id text,
  special_circumstance_code text,
  special_circumstance_year bigint,
  special_circumstance_text text,
  extra jsonb,
  row_hash bigint not null,
  primary key (county_no, year, parcel_id)
);
comment on table public.dor_properties is 'One row per parcel of the real property roll and roll year. Money is whole dollars.';
alter table public.dor_properties enable row level security;

create table public.dor_tangible (
  county_no smallint not null,
  year smallint not null,
  account_id text not null,
  county text not null,
  owner_name text,
  owner_kind text,
  owner_addr1 text,
  owner_city text,
  owner_state text,
  owner_zipcd text,
  owner_domicile text,
  is_out_of_state boolean,
  fiduciary_name text,
  fiduciary_addr1 text,
  fiduciary_city text,
  fiduciary_state text,
  fiduciary_zipcd text,
  fiduciary_code text,
  phy_addr1 text,
  phy_city text,
  phy_zipcd text,
  naics_code text,
  tax_authority_code text,
  just_value bigint,
  assessed_value bigint,
  taxable_value bigint,
  exempt_value bigint,
  furniture_value bigint,
  leasehold_value bigint,
  pollution_control_just_value bigint,
  pollution_control_assessed_value bigint,
  penalty_rate bigint,
  exemptions jsonb,
  exemptions_text text,
  filler text,
  alt_key text,
  previous_account_id text,
  extra jsonb,
  row_hash bigint not null,
  primary key (county_no, year, account_id)
);
comment on table public.dor_tangible is 'One row per tangible personal property account and roll year. An account is not a parcel.';
alter table public.dor_tangible enable row level security;

create table public.dor_medians (
  county_no smallint not null,
  year smallint not null,
  scope text not null,
  name text not null,
  parcels bigint not null,
  median_just_value bigint,
  median_value_per_sqft numeric(18, 2),
  primary key (county_no, year, scope, name)
);
comment on table public.dor_medians is 'Medians of the just value over a whole county, each of its cities and each use group (scope), by roll year.';
alter table public.dor_medians enable row level security;

-- Newest roll year of each county. What changes without a parcel changing is computed here and not stored.
create view public.dor_properties_current with (security_invoker = true) as
select
  p.*,
  current_date - p.latest_sale_date as days_since_sale,
  county.median_just_value as county_median_value,
  city.median_just_value as city_median_value,
  grouped.median_just_value as use_group_median_value,
  round(p.just_value::numeric / nullif(county.median_just_value, 0), 4)::double precision as value_to_county_median,
  round(p.just_value::numeric / nullif(city.median_just_value, 0), 4)::double precision as value_to_city_median,
  round(p.just_value::numeric / nullif(grouped.median_just_value, 0), 4)::double precision as value_to_use_group_median
from public.dor_properties p
join (select county_no, max(year) as year from public.dor_properties group by county_no) newest
  on newest.county_no = p.county_no and newest.year = p.year
left join public.dor_medians county
  on county.county_no = p.county_no and county.year = p.year and county.scope = 'county'
left join public.dor_medians city
  on city.county_no = p.county_no and city.year = p.year and city.scope = 'city' and city.name = p.phy_city
left join public.dor_medians grouped
  on grouped.county_no = p.county_no and grouped.year = p.year and grouped.scope = 'use_group'
  and grouped.name = p.property_use_group;

create view public.dor_sales_current with (security_invoker = true) as
select s.*, current_date - s.sale_date as days_since_sale
from public.dor_sales s
join (select county_no, max(year) as year from public.dor_sales group by county_no) newest
  on newest.county_no = s.county_no and newest.year = s.year;

create view public.dor_tangible_current with (security_invoker = true) as
select t.*
from public.dor_tangible t
join (select county_no, max(year) as year from public.dor_tangible group by county_no) newest
  on newest.county_no = t.county_no and newest.year = t.year;

-- What was published, one row per publication; the newest one of a partition says what its table holds.
create table dor_internal.publications (
  id bigint generated always as identity primary key,
  table_name text not null,
  county_no smallint not null,
  year smallint not null,
  run text not null,
  source_sha256 text not null,
  stage text,
  submission text,
  sql_version text not null,
  row_count bigint not null,
  checksum numeric not null,
  inserted bigint not null,
  updated bigint not null,
  deleted bigint not null,
  published_at timestamptz not null default clock_timestamp()
);
create index publications_partition on dor_internal.publications (table_name, county_no, year, id desc);
