-- rule: P31
-- severity: warning
-- message: OWN_STATE_DOM is neither FC nor two letters
-- columns: own_state_dom
select * from nap
where not regexp_full_match(own_state_dom, '[A-Z]{2}')
