-- rule: S26
-- severity: warning
-- message: a change code without QUAL_CD 03 (3 and 4 also go with 01 and 02)
-- columns: qual_cd, sal_chg_cd
select * from sdf
where sal_chg_cd is not null
  and qual_cd is distinct from '03'
  and not (sal_chg_cd in ('3', '4') and coalesce(qual_cd, '') in ('01', '02'))
