-- rule: N31
-- severity: warning
-- message: a month, code or year of a sale slot breaks the rules of the sales roll
-- columns: qual_cd1, vi_cd1, sale_yr1, sale_mo1, qual_cd2, vi_cd2, sale_yr2, sale_mo2
-- why: S07 and S10-S18 for the two slots.
-- param: file_date
-- param: roll_year
-- param: sale_change
-- param: sale_qualification
select * from nal
where not regexp_full_match(sale_mo1, '0?[1-9]|1[0-2]')
  or (qual_cd1 is not null and (qual_cd1 = '15' or not list_contains(getvariable('sale_qualification'), qual_cd1)))
  or vi_cd1 not in ('V', 'I')
  or not list_contains(getvariable('sale_change'), sal_chng_cd1)
  or multi_par_sal1 not in ('C', 'D')
  or sale_yr1 not between getvariable('roll_year') - 1 and getvariable('roll_year')
  or sale_yr1 * 100 + whole(sale_mo1)
    > year(getvariable('file_date')::date) * 100 + month(getvariable('file_date')::date)
  or not regexp_full_match(sale_mo2, '0?[1-9]|1[0-2]')
  or (qual_cd2 is not null and (qual_cd2 = '15' or not list_contains(getvariable('sale_qualification'), qual_cd2)))
  or vi_cd2 not in ('V', 'I')
  or not list_contains(getvariable('sale_change'), sal_chng_cd2)
  or multi_par_sal2 not in ('C', 'D')
  or sale_yr2 not between getvariable('roll_year') - 1 and getvariable('roll_year')
  or sale_yr2 * 100 + whole(sale_mo2)
    > year(getvariable('file_date')::date) * 100 + month(getvariable('file_date')::date)
