-- rule: S09
-- severity: error
-- message: DOR_UC has not three digits: the columns may be shifted
-- columns: dor_uc
select * from sdf
where dor_uc is null or not regexp_full_match(dor_uc, '[0-9]{3}')
