-- rule: S33
-- severity: warning
-- message: a vacant use class is sold as improved
-- columns: dor_uc, vi_cd
select * from sdf
where dor_uc in ('000', '010', '040', '070', '080') and vi_cd <> 'V'
