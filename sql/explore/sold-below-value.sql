-- title: Sold below just value
-- why: qualified sales at a price well under the county's own value: bargains, or values that are too high
-- grain: one row per parcel and its latest qualified sale, largest discount first
-- param: county = % -- slug of a county, % for all
-- param: max_pct = 80 -- price at most so many percent of the just value
-- param: since = 2024-01-01 -- day of the sale at the earliest
select
  county,
  parcel_id,
  phy_addr1 as address,
  phy_city as city,
  property_use_desc,
  latest_sale_date,
  latest_sale_price,
  just_value,
  round(100 * latest_sale_price / just_value, 1) as price_pct_of_value,
  owner_name
from dor_properties_current
where county like $county and just_value > 0 and latest_sale_price > 0
  and latest_sale_price = latest_sale_transaction_price
  and latest_sale_date >= $since::date
  and latest_sale_price <= just_value * $max_pct::double / 100
order by price_pct_of_value, county, parcel_id
