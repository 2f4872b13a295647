-- title: Sale price, of all sales
-- unit: dollars
-- kind: histogram
-- grain: one row per half order of magnitude; zero stands for itself. Nominal prices of 100 dollars are deeds, not sales.
select
  case when sale_price > 0 then pow(10, floor(2 * log10(sale_price)) / 2)::bigint else 0 end as low,
  case when sale_price > 0 then pow(10, (floor(2 * log10(sale_price)) + 1) / 2)::bigint else 0 end as high,
  count(*) as rows
from open_rows where sale_price is not null
group by all order by low
