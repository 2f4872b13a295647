-- rule: S10
-- severity: warning
-- message: DOR_UC is not in the list of use codes
-- columns: dor_uc
-- param: dor_use
select * from sdf
where not list_contains(getvariable('dor_use'), dor_uc)
