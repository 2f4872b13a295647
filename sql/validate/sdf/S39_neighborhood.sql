-- rule: S39
-- severity: warning
-- message: NBRHD_CD is missing
-- columns: nbrhd_cd
select * from sdf
where nbrhd_cd is null
