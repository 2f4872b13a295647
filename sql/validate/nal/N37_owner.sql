-- rule: N37
-- severity: warning
-- message: OWN_NAME is missing
-- columns: own_name
select * from nal
where own_name is null
