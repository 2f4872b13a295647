-- rule: S23
-- severity: warning
-- message: SALE_PRC is no multiple of 100, and stamp tax works in such steps
-- columns: sale_prc
select * from sdf
where sale_prc % 100 <> 0
