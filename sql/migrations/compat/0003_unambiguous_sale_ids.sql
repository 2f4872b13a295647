-- Two sales never have one id because their keys read alike when joined: parcel "A B" with sale "C", parcel "A" with
-- sale "B C". Blanks inside a parcel's number are escaped; numbers without them, which are nearly all, keep their ids.

-- grain: one row per sale of a parcel, as the newest roll that has it says. A sale stays in the rolls of two years.
create or replace view property_sales_history with (security_invoker = true) as
select
  -- 52 bits of a hash of the key: the same on every run, exact in JavaScript. The first blank that no backslash stands
  -- before ends the parcel.
  (
    'x' || left(
      md5(s.county_no || ' ' || replace(replace(s.parcel_id, '\', '\\'), ' ', '\ ') || ' ' || s.sale_id), 13
    )
  )::bit(52)::bigint as id,
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
