-- rule: S16
-- severity: warning
-- message: SALE_PRC is missing
-- columns: sale_prc
select * from sdf
where sale_prc is null
