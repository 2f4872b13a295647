-- rule: S14
-- severity: warning
-- message: SAL_CHG_CD is not 1 to 8
-- columns: sal_chg_cd
-- param: sale_change
select * from sdf
where not list_contains(getvariable('sale_change'), sal_chg_cd)
