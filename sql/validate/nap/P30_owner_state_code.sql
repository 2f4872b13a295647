-- rule: P30
-- severity: warning
-- message: OWN_STATE is no USPS code
-- columns: own_state
-- param: states
select * from nap
where own_state is not null and (length(own_state) <> 2 or not list_contains(map_values(getvariable('states')), own_state))
