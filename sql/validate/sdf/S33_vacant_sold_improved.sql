-- rule: S33
-- severity: warning
-- message: a vacant use class is not sold as vacant
-- columns: dor_uc, vi_cd
select * from sdf
where dor_uc in ('000', '010', '040', '070', '080') and vi_cd is distinct from 'V'
