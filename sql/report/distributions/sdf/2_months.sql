-- title: Sales per month
-- kind: months
-- grain: one row per month.
select strftime(sale_date, '%Y-%m') as label, count(*) as rows
from open_rows where sale_date is not null
group by all order by label
