-- grain: one row per column that holds anything. Quantiles 5, 25, 50, 75 and 95 % and sixteen equal bins between the
-- 1st and the 99th for numbers; for any column whose values repeat the twenty commonest, with their share of what is
-- filled. A value that stands alone is nobody's business and never among them.
-- param: numbers
-- reads: profile_values
with numeric_values as (
  select name, value::double as value, rows from profile_values where list_contains(getvariable('numbers'), name)
),
ranked as (
  select
    *,
    sum(rows) over (partition by name order by value) as upto,
    sum(rows) over (partition by name) as total
  from numeric_values
),
quantiles as (
  select
    name,
    any_value(total) as total,
    [
      min(value) filter (where upto >= 0.05 * total),
      min(value) filter (where upto >= 0.25 * total),
      min(value) filter (where upto >= 0.5 * total),
      min(value) filter (where upto >= 0.75 * total),
      min(value) filter (where upto >= 0.95 * total)
    ] as quantiles,
    min(value) filter (where upto >= 0.01 * total) as low,
    min(value) filter (where upto >= 0.99 * total) as high
  from ranked
  group by name
),
binned as (
  select v.name, least(15, floor(16 * (v.value - q.low) / (q.high - q.low)))::int as bin, sum(v.rows) as rows
  from numeric_values v
  join quantiles q on q.name = v.name
  where q.high > q.low and v.value between q.low and q.high
  group by all
),
histograms as (
  select
    q.name,
    list_transform(range(16), lambda bin: coalesce(map_from_entries(list({'key': b.bin::bigint, 'value': b.rows}))[bin], 0)::bigint) as bins
  from quantiles q
  join binned b on b.name = q.name
  group by q.name
),
common as (
  select
    name,
    sum(rows) as filled,
    count(*) as distinct_values,
    max({'rows': rows, 'value': value}, 20) as top
  from profile_values
  group by name
)
select
  c.name,
  c.distinct_values as distinct_values,
  q.quantiles,
  case when h.bins is not null then {'low': q.low, 'high': q.high, 'bins': h.bins} end as histogram,
  list_transform(
    list_filter(c.top, lambda t: t.rows > 1 and t.rows * 200 >= c.filled),
    lambda t: {'value': t.value, 'share': round(t.rows / c.filled, 5)}
  ) as top
from common c
left join quantiles q on q.name = c.name
left join histograms h on h.name = c.name
order by c.name
