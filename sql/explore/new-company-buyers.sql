-- title: New company buyers
-- why: companies whose parcels were all bought lately: who is entering the market
-- grain: one row per owner, most parcels bought first
-- param: county = % -- slug of a county, % for all
-- param: kind = company -- kind of owner; trust and bank work, too
-- param: since = 2024-01-01 -- day from which a purchase is new
with owned as (
  select
    owner_name,
    count(*) as parcels,
    count(*) filter (latest_sale_date >= $since::date) as bought,
    sum(latest_sale_price) filter (latest_sale_date >= $since::date and latest_sale_price = latest_sale_transaction_price)::bigint as spent,
    min(latest_sale_date) as first_purchase,
    max(latest_sale_date) as last_purchase,
    mode(owner_city) as owner_city,
    mode(owner_state) as owner_state,
    mode(phy_city) as buys_in
  from dor_properties_current
  where county like $county and owner_kind like $kind and owner_name is not null
  group by owner_name
)
select * from owned
where bought > 0 and first_purchase >= $since::date
order by bought desc, spent desc nulls last, owner_name
