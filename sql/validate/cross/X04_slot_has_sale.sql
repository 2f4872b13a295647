-- rule: X04
-- severity: warning
-- message: a sale slot of a parcel has no sale with the same month, price and reference
-- counts: nal
-- needs: sdf
-- columns: parcel_id, sale_yr1, sale_mo1, sale_prc1, sale_yr2, sale_mo2, sale_prc2
with slots as (
  select record, parcel_id, sale_yr1 as sale_yr, whole(sale_mo1) as sale_mo, sale_prc1 as sale_prc,
    recording(clerk_no1, or_book1, or_page1) as reference
  from nal where coalesce(qual_cd1, sale_yr1::varchar, sale_prc1::varchar) is not null
  union all
  select record, parcel_id, sale_yr2, whole(sale_mo2), sale_prc2, recording(clerk_no2, or_book2, or_page2)
  from nal where coalesce(qual_cd2, sale_yr2::varchar, sale_prc2::varchar) is not null
),
sold as (
  select parcel_id, sale_yr, whole(sale_mo) as sale_mo, sale_prc, recording(clerk_no, or_book, or_page) as reference
  from sdf
),
lonely as (
  select l.record from slots l
  anti join sold s
    on s.parcel_id = l.parcel_id
    and s.sale_yr is not distinct from l.sale_yr
    and s.sale_mo is not distinct from l.sale_mo
    and s.sale_prc is not distinct from l.sale_prc
    and s.reference is not distinct from l.reference
)
select n.* from nal n
semi join lonely l on l.record = n.record
