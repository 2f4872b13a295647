-- title: Parcels per city
-- kind: bars
-- grain: one row per city of the site address, the twenty largest; the others together.
with cities as (
  select coalesce(phy_city, '(no city)') as label, count(*) as rows from open_rows group by all
),
ranked as (
  select *, row_number() over (order by rows desc, label) as rank from cities
)
select case when rank <= 20 then label else '(all others)' end as label, sum(rows)::bigint as rows
from ranked group by all order by min(rank)
