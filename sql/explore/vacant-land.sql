-- title: Vacant land by size
-- why: lots without a building, largest first: what could be built on
-- grain: one row per parcel
-- param: county = % -- slug of a county, % for all
-- param: min_acres = 0.1 -- at least
-- param: max_value = 1000000 -- just value at most
select
  county,
  parcel_id,
  phy_addr1 as address,
  phy_city as city,
  property_use_desc,
  land_acres,
  land_sqft,
  just_value,
  round(just_value / land_acres)::bigint as value_per_acre,
  owner_name,
  owner_kind,
  is_absentee
from dor_properties_current
where county like $county and coalesce(total_living_area, 0) = 0 and coalesce(buildings, 0) = 0
  and land_acres >= $min_acres::double and just_value <= $max_value::bigint
order by land_acres desc, county, parcel_id
