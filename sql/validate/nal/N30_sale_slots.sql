-- rule: N30
-- severity: warning
-- message: a sale slot is filled in part, or the second one without the first
-- columns: qual_cd1, vi_cd1, sale_prc1, sale_yr1, sale_mo1, qual_cd2, sale_prc2
select * from nal
where (qual_cd1 is null)::int + (vi_cd1 is null)::int + (sale_prc1 is null)::int + (sale_yr1 is null)::int + (sale_mo1 is null)::int not in (0, 5)
  or (qual_cd2 is null)::int + (vi_cd2 is null)::int + (sale_prc2 is null)::int + (sale_yr2 is null)::int + (sale_mo2 is null)::int not in (0, 5)
  or (qual_cd1 is null and qual_cd2 is not null)
