-- title: Accounts per sector (first two digits of the NAICS code)
-- kind: bars
-- grain: one row per sector, the twenty largest; the others together.
with sectors as (
  select coalesce(naics_code[1:2], '(no code)') as label, count(*) as rows from open_rows group by all
),
ranked as (
  select *, row_number() over (order by rows desc, label) as rank from sectors
)
select case when rank <= 20 then label else '(all others)' end as label, sum(rows)::bigint as rows
from ranked group by all order by min(rank)
