-- grain: one row per measured run and rule. Becomes quality_rules. `rows` is NULL where the rule could not be run.
select
  run, dataset, county, year, finishedAt as finished_at, good, rule.id as rule, rule.severity as severity,
  rule.rows as rows,
  rule.rows / nullif(ledger.recordsIn, 0) as share
from (select *, unnest(rules) as rule from manifests where measured)
