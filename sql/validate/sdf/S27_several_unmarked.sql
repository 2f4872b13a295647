-- rule: S27
-- severity: warning
-- message: QUAL_CD 05 (several parcels) without a multi-parcel marker
-- columns: qual_cd, multi_par_sal
select * from sdf
where qual_cd = '05' and multi_par_sal is null
