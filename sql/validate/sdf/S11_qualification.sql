-- rule: S11
-- severity: warning
-- message: QUAL_CD is missing or not in the list of qualification codes
-- columns: qual_cd
-- param: sale_qualification
select * from sdf
where qual_cd is null or not list_contains(getvariable('sale_qualification'), qual_cd)
