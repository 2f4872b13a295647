-- title: Just value of the accounts
-- unit: dollars
-- kind: histogram
-- grain: one row per half order of magnitude; zero stands for itself.
select
  case when just_value > 0 then pow(10, floor(2 * log10(just_value)) / 2)::bigint else 0 end as low,
  case when just_value > 0 then pow(10, (floor(2 * log10(just_value)) + 1) / 2)::bigint else 0 end as high,
  count(*) as rows
from open_rows where just_value is not null
group by all order by low
