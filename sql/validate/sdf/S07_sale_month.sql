-- rule: S07
-- severity: error
-- message: SALE_MO is no month 01 to 12
-- columns: sale_mo
select * from sdf
where sale_mo is null or not regexp_full_match(sale_mo, '0?[1-9]|1[0-2]')
