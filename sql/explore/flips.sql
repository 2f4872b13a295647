-- title: Flips
-- why: parcels sold twice within months: what they were bought and sold for, and the gain
-- grain: one row per pair of consecutive sales of a parcel, largest gain first
-- param: county = % -- a county in any spelling, % for all
-- param: months = 24 -- at most so many between the two sales
-- param: min_price = 10000 -- nominal deeds below this price are left out
-- Both sales are qualified ones of this parcel alone: a certificate of title, a deed to a relative or the price of a whole
-- portfolio is neither a purchase nor a sale, and none may lie between the two. The gain is before costs; of a lot that was
-- built on (V, then I) it pays for the building. Sales have months, not days: two of one month have no order and are no pair.
with priced as (
  select county, county_no, parcel_id, sale_date, sale_price, vacant_improved, is_qualified and transaction_parcels = 1 as counts
  from dor_sales_current
  where county like $county and sale_price >= $min_price::bigint and sale_date is not null
),
-- Deeds of one month as one: they only count when there is one.
monthly as (
  select
    county,
    county_no,
    parcel_id,
    sale_date,
    max(sale_price) as sale_price,
    max(vacant_improved) as vacant_improved,
    count(*) = 1 and coalesce(bool_and(counts), false) as counts
  from priced
  group by county, county_no, parcel_id, sale_date
),
paired as (
  select
    *,
    lag(sale_date) over of_parcel as bought_on,
    lag(sale_price) over of_parcel as bought_for,
    lag(vacant_improved) over of_parcel as bought_as,
    lag(counts) over of_parcel as bought_counts
  from monthly
  window of_parcel as (partition by county_no, parcel_id order by sale_date)
)
select
  f.county,
  f.parcel_id,
  p.phy_addr1 as address,
  p.phy_city as city,
  f.bought_on,
  f.bought_for,
  f.bought_as,
  f.sale_date as sold_on,
  f.sale_price as sold_for,
  f.vacant_improved as sold_as,
  f.sale_price - f.bought_for as gain,
  date_diff('month', f.bought_on, f.sale_date) as months,
  p.owner_name as owner_now
from paired f
left join dor_properties_current p on p.county_no = f.county_no and p.parcel_id = f.parcel_id
where f.counts and f.bought_counts and date_diff('month', f.bought_on, f.sale_date) <= $months::int
order by gain desc, f.county, f.parcel_id
