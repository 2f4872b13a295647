-- title: Vacant land by size
-- why: lots without a building, largest first: what could be built on
-- grain: one row per parcel
-- param: county = % -- a county in any spelling, % for all
-- param: min_acres = 0.1 -- at least
-- param: max_value = 1000000 -- just value at most
-- Land is vacant when the county classes it so (uses 000, 010, 040, 070), as farm land (050-069) or as acreage (099), and the roll has
-- no building and no living area. Not here: common areas (009, and whatever else an association owns), land of governments, roads,
-- waters, waste land, subsurface rights; parcels whose acres are unknown. The roll has no zoning and no wetlands: ask before you buy.
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
where county like $county
  and (property_use in ('000', '010', '040', '070', '099') or property_use between '050' and '069')
  and coalesce(owner_kind, '') not in ('association', 'government')
  and coalesce(total_living_area, 0) = 0 and coalesce(buildings, 0) = 0
  and land_acres >= $min_acres::double and just_value <= $max_value::bigint
order by land_acres desc, county, parcel_id
