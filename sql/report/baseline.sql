-- grain: one row per finding: something measured on this run (now_*) that is further than a band allows from every one
-- of the county's last good runs (past_*, up to five), or far outside what other counties have (other_*, their last
-- good run each). From every one: a roll that goes back to what it was before last is no news.
-- Shares and columns are compared from a thousand rows on; below that they are noise, and only rows are counted.
-- reads: now_runs, now_rules, now_columns, past_rules, past_columns, other_rules, other_columns, past_runs
with bands as (
  -- Relative change of the row count; change of a share in points of a hundred; factor of a quantile.
  from (values
    ('rows', 0.10, 0.25),
    ('rule', 0.01, 0.10),
    ('fill', 0.05, 0.25),
    ('distinct', 0.50, 0.80),
    ('quantiles', 1.50, 3.00),
    ('shares', 0.05, 0.25)
  ) b (measure, warn, fail)
),
row_change as (
  select
    'rows' as measure,
    null::varchar as name,
    min(abs(n.records - p.records) / p.records) as distance,
    format('{:,} rows, the last good run had {:,} ({:+.1f} %)', any_value(n.records), arg_max(p.records, p.finished_at),
      100 * (any_value(n.records) - arg_max(p.records, p.finished_at)) / arg_max(p.records, p.finished_at)) as message
  from now_runs n
  join past_runs p on p.records > 0
  having count(*) > 0
),
rule_change as (
  select
    'rule' as measure,
    n.rule as name,
    -- Half as much again at least: a rule that 40 % break every year may break 41 %.
    case when n.share > 1.5 * max(p.share) then n.share - max(p.share) else 0 end as distance,
    format('{}: {} of the {} break it, {} in the last good run', n.rule, percent_text(n.share, 2), n.of_what,
      percent_text(arg_max(p.share, p.finished_at), 2)) as message
  from now_rules n
  join past_rules p on p.rule = n.rule and p.share is not null
  where n.share is not null and (select min(records) from now_runs) >= 1000
  group by n.rule, n.share, n.of_what
),
-- Not what differs between any two files: years, days, serials, medians.
comparable as (
  select n.*
  from now_columns n
  where n.rows >= 1000
    and n.column_name not in ('year', 'row_hash', 'sequence_no', 'submission_id', 'days_since_sale', 'extra')
    and not regexp_matches(n.column_name, '_median_value$')
),
pairs as (
  select n.column_name as name, n, p
  from comparable n
  join past_columns p on p.column_name = n.column_name and p.rows >= 1000
),
fill_change as (
  select
    'fill' as measure,
    name,
    -- A column that was filled and is empty is gone, however few rows had it.
    min(case when n.filled = 0 and p.fill >= 0.02 then 1 else abs(n.fill - p.fill) end) as distance,
    format('{}: filled in {} of the rows, {} in the last good run', name, percent_text(any_value(n.fill), 1),
      percent_text(arg_max(p.fill, p.finished_at), 1)) as message
  from pairs
  group by name
),
distinct_change as (
  select
    'distinct' as measure,
    name,
    -- Kinds of codes do not grow with the rows, names do: news is only what differs both as a number and per row.
    min(least(
      abs(n.distinct_values - p.distinct_values) / p.distinct_values,
      abs((n.distinct_values / n.filled) / (p.distinct_values / p.filled) - 1)
    )) as distance,
    format('{}: {:,} distinct values, {:,} in the last good run', name, any_value(n.distinct_values),
      arg_max(p.distinct_values, p.finished_at)) as message
  from pairs
  where greatest(n.distinct_values, p.distinct_values) >= 20 and p.distinct_values > 0 and n.filled >= 200 and p.filled >= 200
  group by name
),
factors as (
  select
    name, n, p,
    list_transform(
      list_filter(list_zip(n.quantiles, p.quantiles), lambda q: q[1] > 0 and q[2] > 0),
      lambda q: greatest(q[1] / q[2], q[2] / q[1])
    ) as factors
  from pairs
  where p.quantiles[5] >= 1000 and n.filled >= 200 and p.filled >= 200
    and not regexp_matches(name, '(^|_)year$')
),
quantile_change as (
  select
    'quantiles' as measure,
    name,
    -- Stops only when all quantiles moved (prices times a hundred); one that moved is said.
    min(case
      when list_min(factors) >= 3 and len(factors) >= 2 then list_min(factors)
      else least(list_max(factors[-3:]), 2.99)
    end) as distance,
    format('{}: median {:,}, 95 % at {:,}; in the last good run {:,} and {:,}', name, any_value(n.quantiles[3])::bigint,
      any_value(n.quantiles[5])::bigint, arg_max(p.quantiles[3], p.finished_at)::bigint,
      arg_max(p.quantiles[5], p.finished_at)::bigint) as message
  from factors
  where len(factors) > 0
  group by name
),
-- Codes and other short lists. A value that is not among a full list of twenty has at most the share of the last.
value_shares as (
  select
    name, p.finished_at as finished_at, v.value as value,
    coalesce(list_filter(n.top, lambda t: t.value = v.value)[1].share, case when len(n.top) = 20 then n.top[20].share else 0 end) as now_share,
    coalesce(list_filter(p.top, lambda t: t.value = v.value)[1].share, case when len(p.top) = 20 then p.top[20].share else 0 end) as past_share
  from (select *, unnest(list_distinct(list_transform(n.top || p.top, lambda t: {'value': t.value}))) as v from pairs
    where greatest(n.distinct_values, p.distinct_values) <= 500 and n.filled >= 1000 and p.filled >= 1000
      -- Empty when the column is hidden.
      and len(n.top) > 0 and len(p.top) > 0
      and not regexp_matches(name, '(^|_)(year|date|month)$'))
),
share_moves as (
  select
    name, finished_at,
    max(abs(now_share - past_share)) as distance,
    arg_max(value, abs(now_share - past_share)) as value,
    arg_max(now_share, abs(now_share - past_share)) as now_share,
    arg_max(past_share, abs(now_share - past_share)) as past_share
  from value_shares
  group by all
),
share_change as (
  select
    'shares' as measure,
    name,
    min(distance) as distance,
    format('{}: {} has {} of the values, {} in the last good run', name, arg_max(value, finished_at),
      percent_text(arg_max(now_share, finished_at), 1), percent_text(arg_max(past_share, finished_at), 1)) as message
  from share_moves
  group by name
),
own as (
  from row_change union all from rule_change union all from fill_change union all from distinct_change
  union all from quantile_change union all from share_change
),
-- Against other counties nothing stops: counties differ. Three of them must agree first.
elsewhere_fill as (
  select
    'fill' as measure,
    n.column_name as name,
    format('{}: filled in {} of the rows, other counties have {} to {}', n.column_name, percent_text(n.fill, 1),
      percent_text(min(o.fill), 1), percent_text(max(o.fill), 1)) as message
  from comparable n
  join other_columns o on o.column_name = n.column_name and o.rows >= 1000
  group by n.column_name, n.fill
  having count(*) >= 3 and (n.fill < min(o.fill) - 0.25 or n.fill > max(o.fill) + 0.25)
),
elsewhere_quantiles as (
  select
    'quantiles' as measure,
    n.column_name as name,
    format('{}: median {:,}, other counties have {:,} to {:,}', n.column_name, n.quantiles[3]::bigint,
      min(o.quantiles[3])::bigint, max(o.quantiles[3])::bigint) as message
  from comparable n
  join other_columns o on o.column_name = n.column_name and o.rows >= 1000 and o.quantiles[5] >= 1000
  where n.filled >= 200 and n.quantiles[3] > 0 and not regexp_matches(n.column_name, '(^|_)year$')
  group by n.column_name, n.quantiles
  having count(*) >= 3
    and (n.quantiles[3] * 5 < min(o.quantiles[3]) or n.quantiles[3] > 5 * max(o.quantiles[3]))
    and (n.quantiles[4] * 5 < min(o.quantiles[4]) or n.quantiles[4] > 5 * max(o.quantiles[4]))
),
elsewhere_rules as (
  select
    'rule' as measure,
    n.rule as name,
    format('{}: {} of the {} break it, at most {} in other counties', n.rule, percent_text(n.share, 2), n.of_what,
      percent_text(max(o.share), 2)) as message
  from now_rules n
  join other_rules o on o.rule = n.rule
  where (select min(records) from now_runs) >= 1000
  group by n.rule, n.share, n.of_what
  having count(*) >= 3 and n.share > max(o.share) + 0.10
),
elsewhere as (
  from elsewhere_fill union all from elsewhere_quantiles union all from elsewhere_rules
)
select * from (
  select case when o.distance >= b.fail then 'fail' else 'warn' end as level, o.measure as measure, o.name as name, o.message as message
  from own o
  join bands b on b.measure = o.measure
  where o.distance >= b.warn
  union all
  select 'warn', measure, name, message from elsewhere
) found
order by level, measure <> 'rows', measure, name
