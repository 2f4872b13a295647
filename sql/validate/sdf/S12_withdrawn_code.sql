-- rule: S12
-- severity: warning
-- message: QUAL_CD 15 was withdrawn by DOR
-- columns: qual_cd
select * from sdf
where qual_cd = '15'
