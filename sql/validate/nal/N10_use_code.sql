-- rule: N10
-- severity: warning
-- message: DOR_UC is not in the list of use codes
-- columns: dor_uc
select * from nal
where dor_uc not between '000' and '099'
