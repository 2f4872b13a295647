-- rule: P27
-- severity: warning
-- message: OWN_NAM is missing
-- columns: own_nam
select * from nap
where own_nam is null
