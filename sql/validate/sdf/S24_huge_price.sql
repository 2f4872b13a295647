-- rule: S24
-- severity: warning
-- message: SALE_PRC is 500 million dollars or more
-- columns: sale_prc
select * from sdf
where sale_prc >= 500000000
