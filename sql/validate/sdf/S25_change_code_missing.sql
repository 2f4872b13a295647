-- rule: S25
-- severity: warning
-- message: QUAL_CD 03 without a change code
-- columns: qual_cd, sal_chg_cd
select * from sdf
where qual_cd = '03' and sal_chg_cd is null
