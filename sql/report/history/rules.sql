-- grain: one row per measured run and rule. Becomes quality_rules. `rows` is NULL where the rule could not be run.
-- `share` is that of the rows it counts (`of_rows` of `of_what`). Older runs did not say; then it is of the file's records,
-- and that of a rule between rolls (X..) is unknown.
-- reads: manifests
select
  run, dataset, county, year, finishedAt as finished_at, good, rule.id as rule, rule.severity as severity,
  rule.rows as rows,
  rule."of".what as of_what,
  rule."of".rows as of_rows,
  case
    when rule."of".rows is null and rule.id like 'X%' then null
    else rule.rows / nullif(coalesce(rule."of".rows, ledger.recordsIn), 0)
  end as share
from (select *, unnest(rules) as rule from manifests where measured)
