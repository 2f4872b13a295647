-- rule: S31
-- severity: warning
-- message: rows of one reference differ in price or month
-- columns: clerk_no, or_book, or_page, sale_prc, sale_yr, sale_mo
with referenced as (
  select *, coalesce(clerk_no, or_book || '/' || or_page) as reference from sdf
),
differing as (
  select reference from referenced
  group by reference
  having min(sale_prc) <> max(sale_prc) or min(sale_yr) <> max(sale_yr) or min(sale_mo) <> max(sale_mo)
)
select r.* from referenced r
semi join differing d on d.reference = r.reference
