-- title: Under-assessed parcels
-- why: assessed far below market without a homestead: the tax bill jumps when they are sold, and buyers should know
-- grain: one row per parcel, largest gap first
-- param: county = % -- slug of a county, % for all
-- param: min_gap_pct = 30 -- assessed value at least so many percent below the just value
-- param: min_value = 100000 -- just value at least
select
  county,
  parcel_id,
  phy_addr1 as address,
  phy_city as city,
  owner_name,
  property_use_desc,
  just_value,
  assessed_value,
  just_value - assessed_value as gap,
  round(100 * (just_value - assessed_value) / just_value, 1) as gap_pct,
  latest_sale_date,
  latest_sale_price
from dor_properties_current
where county like $county and not coalesce(is_homestead, false)
  and just_value >= $min_value::bigint
  and just_value - assessed_value >= just_value * $min_gap_pct::double / 100
order by gap desc, county, parcel_id
