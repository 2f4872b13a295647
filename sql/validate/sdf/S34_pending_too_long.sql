-- rule: S34
-- severity: warning
-- message: QUAL_CD 99 (found within 90 days) is older than that at the file date, by months
-- columns: qual_cd, sale_yr, sale_mo
-- needs: file_date
select * from sdf
where qual_cd = '99'
  and date_diff('month', month_start(sale_yr, sale_mo), getvariable('file_date')::date) > 3
