-- title: Portfolio deals
-- why: deeds over several parcels at once, with their price counted once
-- grain: one row per transaction, highest price first
-- param: county = % -- a county in any spelling, % for all
-- param: min_parcels = 2 -- at least so many parcels
-- A deed between relatives or affiliates, or of a bank, has a price as well and is no deal on the market: `is_qualified` and the
-- county's `qualification` say which it is. A purchase that was recorded as several deeds is several rows.
select
  s.county,
  s.transaction_id,
  max(s.sale_date) as sold_on,
  max(s.transaction_price) as price,
  max(s.transaction_parcels) as parcels,
  coalesce(bool_and(s.is_qualified), false) as is_qualified,
  mode(s.sale_qualification_desc) as qualification,
  round(max(s.transaction_price) / max(s.transaction_parcels))::bigint as price_per_parcel,
  mode(s.property_use_group) as mostly,
  mode(p.owner_name) as owner_now,
  list(distinct s.parcel_id order by s.parcel_id)[1:5] as first_parcels
from dor_sales_current s
left join dor_properties_current p on p.county_no = s.county_no and p.parcel_id = s.parcel_id
where s.county like $county
group by s.county, s.transaction_id
having max(s.transaction_parcels) >= $min_parcels::int
order by price desc nulls last, s.transaction_id
