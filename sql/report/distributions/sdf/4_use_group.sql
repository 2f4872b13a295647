-- title: Sales per use group
-- kind: bars
-- grain: one row per group of use codes.
select coalesce(property_use_group, '(unknown)') as label, count(*) as rows
from open_rows group by all order by rows desc, label
