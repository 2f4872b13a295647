-- title: Sold below just value
-- why: qualified sales at a price well under the county's own value: bargains, or values that are too high
-- grain: one row per parcel and its latest qualified sale, largest discount first
-- param: county = % -- a county in any spelling, % for all
-- param: max_pct = 80 -- price at most so many percent of the just value
-- param: since = 2024-01-01 -- day of the sale at the earliest
-- Of a deed over several parcels the roll has the whole price on each, so only deeds over one parcel count. The just value is of
-- the first of January of the roll's year; a house that was built or lost since changes it, not the price.
select
  p.county,
  p.parcel_id,
  phy_addr1 as address,
  phy_city as city,
  p.property_use_desc,
  latest_sale_date,
  latest_sale_price,
  just_value,
  round(100 * latest_sale_price / just_value, 1) as price_pct_of_value,
  owner_name
from dor_properties_current p
join dor_sales_current s
  on s.county_no = p.county_no and s.parcel_id = p.parcel_id and s.sale_id = p.latest_sale_id
where p.county like $county and just_value > 0 and latest_sale_price > 0
  and s.transaction_parcels = 1
  and latest_sale_date >= $since::date
  and latest_sale_price <= just_value * $max_pct::double / 100
order by price_pct_of_value, p.county, p.parcel_id
