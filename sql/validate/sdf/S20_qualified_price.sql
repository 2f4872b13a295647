-- rule: S20
-- severity: warning
-- message: a qualified sale (01-06) for 100 dollars or less
-- columns: qual_cd, sale_prc
select * from sdf
where qual_cd in ('01', '02', '03', '04', '05', '06') and sale_prc <= 100
