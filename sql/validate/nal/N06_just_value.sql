-- rule: N06
-- severity: error
-- message: JV is missing or no whole number of at most 12 digits
-- columns: jv
select * from nal
where jv is null
