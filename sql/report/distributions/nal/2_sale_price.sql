-- title: Latest qualified sale of the parcels
-- unit: dollars
-- kind: histogram
-- grain: one row per half order of magnitude.
select
  case when latest_sale_price > 0 then pow(10, floor(2 * log10(latest_sale_price)) / 2)::bigint else 0 end as low,
  case when latest_sale_price > 0 then pow(10, (floor(2 * log10(latest_sale_price)) + 1) / 2)::bigint else 0 end as high,
  count(*) as rows
from open_rows where latest_sale_price is not null
group by all order by low
