-- rule: N10
-- severity: warning
-- message: DOR_UC is not in the list of use codes
-- param: dor_use
-- columns: dor_uc
select * from nal
where not list_contains(getvariable('dor_use'), dor_uc)
