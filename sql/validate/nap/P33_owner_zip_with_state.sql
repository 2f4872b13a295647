-- rule: P33
-- severity: warning
-- message: OWN_STATE is filled and OWN_ZIPCD has not five digits
-- columns: own_state, own_zipcd
select * from nap
where own_state is not null and (own_zipcd is null or not regexp_full_match(own_zipcd, '[0-9]{5}'))
