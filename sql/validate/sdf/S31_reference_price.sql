-- rule: S31
-- severity: warning
-- message: rows of one reference differ in price or month
-- columns: clerk_no, or_book, or_page, sale_prc, sale_yr, sale_mo
with referenced as (
  select *, recording(clerk_no, or_book, or_page) as reference from sdf
),
differing as (
  select reference from referenced
  group by reference
  having count(distinct {price: sale_prc, year: sale_yr, month: whole(sale_mo)}) > 1
)
select r.* from referenced r
semi join differing d on d.reference = r.reference
