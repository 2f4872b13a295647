-- title: Year built
-- unit: year
-- kind: histogram
-- grain: one row per five years; everything before 1900 is one.
select
  case when year_built < 1900 then 1700 else year_built // 5 * 5 end as low,
  case when year_built < 1900 then 1900 else year_built // 5 * 5 + 5 end as high,
  count(*) as rows
from open_rows where year_built is not null
group by all order by low
