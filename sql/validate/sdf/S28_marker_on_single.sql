-- rule: S28
-- severity: warning
-- message: a multi-parcel marker on an 01 or 02 sale
-- columns: qual_cd, multi_par_sal
select * from sdf
where multi_par_sal is not null and qual_cd in ('01', '02')
