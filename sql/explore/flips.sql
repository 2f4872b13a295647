-- title: Flips
-- why: parcels sold twice within months: what they were bought and sold for, and the gain
-- grain: one row per pair of consecutive sales of a parcel, largest gain first
-- param: county = % -- slug of a county, % for all
-- param: months = 24 -- at most so many between the two sales
-- param: min_price = 10000 -- nominal deeds below this price are left out
with priced as (
  select county, county_no, parcel_id, sale_date, sale_price, sale_qualification
  from dor_sales_current
  where county like $county and sale_price >= $min_price::bigint and transaction_parcels = 1 and sale_date is not null
),
paired as (
  select
    *,
    lag(sale_date) over of_parcel as bought_on,
    lag(sale_price) over of_parcel as bought_for
  from priced
  window of_parcel as (partition by county_no, parcel_id order by sale_date, sale_price)
)
select
  f.county,
  f.parcel_id,
  p.phy_addr1 as address,
  p.phy_city as city,
  f.bought_on,
  f.bought_for,
  f.sale_date as sold_on,
  f.sale_price as sold_for,
  f.sale_price - f.bought_for as gain,
  date_diff('month', f.bought_on, f.sale_date) as months,
  p.owner_name as owner_now
from paired f
left join dor_properties_current p on p.county_no = f.county_no and p.parcel_id = f.parcel_id
where f.bought_on is not null and f.sale_date > f.bought_on
  and date_diff('month', f.bought_on, f.sale_date) <= $months::int
order by gain desc, f.county, f.parcel_id
