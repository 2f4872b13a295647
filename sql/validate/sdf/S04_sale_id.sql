-- rule: S04
-- severity: error
-- message: SALE_ID_CD is missing or longer than 25 characters
-- columns: sale_id_cd
select * from sdf
where sale_id_cd is null or length(sale_id_cd) > 25
