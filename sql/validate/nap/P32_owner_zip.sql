-- rule: P32
-- severity: warning
-- message: OWN_ZIPCD has not five digits
-- columns: own_zipcd
select * from nap
where own_zipcd is null or not regexp_full_match(own_zipcd, '[0-9]{5}')
