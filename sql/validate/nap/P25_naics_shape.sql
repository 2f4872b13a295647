-- rule: P25
-- severity: warning
-- message: NAICS_CD has not six digits
-- columns: naics_cd
select * from nap
where naics_cd is null or not regexp_full_match(naics_cd, '[0-9]{6}')
