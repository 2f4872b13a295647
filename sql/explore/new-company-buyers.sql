-- title: New company buyers
-- why: companies whose parcels were all bought lately: who is entering the market
-- grain: one row per owner, most parcels bought first
-- param: county = % -- a county in any spelling, % for all
-- param: kind = company -- kind of owner; trust and bank work, too
-- param: since = 2024-01-01 -- day from which a purchase is new
-- Bought is a parcel whose last known deed is a qualified sale since that day. An owner with any other parcel (an older deed, a
-- deed that is no sale, none that is known) is not new and not here. Only parcels of the counties asked for count. The roll names
-- the owners of its day: of a sale after it, the seller may still stand there. The price of a deed over several parcels counts once.
with deeds as (
  select county_no, parcel_id, max(sale_date) as last_deed
  from dor_sales_current
  where county like $county
  group by county_no, parcel_id
),
parcels as (
  select
    p.*,
    coalesce(s.transaction_id, p.parcel_id) as transaction_id,
    -- The first of an owner's parcels on a deed has its price.
    row_number() over (
      partition by p.owner_name, p.county_no, coalesce(s.transaction_id, p.parcel_id) order by p.parcel_id
    ) = 1 as has_price,
    coalesce(
      p.latest_sale_date >= $since::date
      and p.latest_sale_date >= greatest(p.sale_date, p.sale2_date, d.last_deed, p.latest_sale_date),
      false
    ) as is_bought
  from dor_properties_current p
  left join deeds d on d.county_no = p.county_no and d.parcel_id = p.parcel_id
  left join dor_sales_current s
    on s.county_no = p.county_no and s.parcel_id = p.parcel_id and s.sale_id = p.latest_sale_id
  where p.county like $county and p.owner_kind like $kind and p.owner_name is not null
)
select
  owner_name,
  count(*) as parcels,
  sum(latest_sale_transaction_price) filter (has_price)::bigint as spent,
  min(latest_sale_date) as first_purchase,
  max(latest_sale_date) as last_purchase,
  mode(nullif(concat_ws(', ', owner_city, owner_state), '')) as owner_place,
  mode(concat_ws(', ', phy_city, county)) as buys_in
from parcels
group by owner_name
having bool_and(is_bought)
order by parcels desc, spent desc nulls last, owner_name
