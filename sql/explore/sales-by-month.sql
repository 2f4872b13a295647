-- title: Sales by month
-- why: volume and price of qualified sales over time, each deed once
-- grain: one row per month
-- param: county = % -- a county in any spelling, % for all
-- param: group = Residential -- use group, % for all
-- A deed counts in a use group when one of its parcels is of it, and with its whole price. The months at both ends of the roll are
-- not complete.
with deeds as (
  select
    county,
    transaction_id,
    date_trunc('month', max(sale_date))::date as month,
    max(transaction_price) as price
  from dor_sales_current
  where county like $county and property_use_group like $group and is_qualified and sale_date is not null
  group by county, transaction_id
)
select month, count(*) as deeds, median(price)::bigint as median_price, sum(price)::bigint as total
from deeds
group by month
order by month
