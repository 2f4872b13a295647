-- rule: S18
-- severity: warning
-- message: the sale is later than the file
-- columns: sale_yr, sale_mo
-- needs: file_date
select * from sdf
where sale_yr * 100 + whole(sale_mo)
  > year(getvariable('file_date')::date) * 100 + month(getvariable('file_date')::date)
