-- rule: N39
-- severity: warning
-- message: OWN_ZIPCD has not five digits and the owner is not foreign
-- columns: own_zipcd, own_state_dom
select * from nal
where own_state_dom is distinct from 'FC' and (own_zipcd is null or not regexp_full_match(own_zipcd, '[0-9]{5}'))
