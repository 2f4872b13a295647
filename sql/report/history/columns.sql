-- grain: one row per measured run and staged column. Becomes quality_columns.
-- reads: manifests
select
  run, dataset, county, year, finishedAt as finished_at, good, c.name as column_name, c.type as type,
  staged.rows as rows,
  c.filled as filled,
  c.filled / nullif(staged.rows, 0) as fill,
  c."distinct" as distinct_values,
  c.min as min, c.max as max, c.quantiles as quantiles, c.top as top
from (select *, unnest(columns) as c from manifests where measured)
