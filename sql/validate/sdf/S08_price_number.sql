-- rule: S08
-- severity: error
-- message: SALE_PRC is no whole number of at most 12 digits
-- columns: sale_prc
select * from sdf
where contains(uncast, 'SALE_PRC')
