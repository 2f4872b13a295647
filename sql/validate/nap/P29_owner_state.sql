-- rule: P29
-- severity: warning
-- message: OWN_STATE is missing and the owner is not foreign
-- columns: own_state, own_state_dom
select * from nap
where own_state is null and own_state_dom is distinct from 'FC'
