-- title: Sales per kind
-- kind: bars
-- grain: one row per group of qualification codes.
select coalesce(replace(arms_length_group, '_', ' '), '(unknown)') as label, count(*) as rows
from open_rows group by all order by rows desc, label
