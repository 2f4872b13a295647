-- title: Under-assessed parcels
-- why: assessed far below market without a homestead: the tax bill jumps when they are sold, and buyers should know
-- grain: one row per parcel, largest gap first
-- param: county = % -- a county in any spelling, % for all
-- param: min_gap_pct = 30 -- assessed value at least so many percent below the just value
-- param: min_value = 100000 -- just value at least
-- What ends with a sale is the yearly limit of assessments. Land that is assessed by its use (farm land, conservation, historic,
-- working waterfront, recharge) keeps its low assessment as long as its use, so parcels with any of it are not here, and neither are
-- homesteads, whose gap the seller may take along. Exemptions are not looked at: assessed is not taxed.
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
  and coalesce(assessed_value_homestead, 0) = 0
  and greatest(just_value_agricultural, just_value_water_recharge, just_value_conservation, just_value_historic_commercial,
    just_value_historic_significant, just_value_working_waterfront, 0) = 0
  and coalesce(property_use not between '050' and '069' and property_use <> '097', true)
  and just_value >= $min_value::bigint
  and just_value - assessed_value >= just_value * $min_gap_pct::double / 100
order by gap desc, county, parcel_id
