-- rule: P28
-- severity: warning
-- message: OWN_NAM is the placeholder CURRENT OWNER
-- columns: own_nam
select * from nap
where upper(own_nam) = 'CURRENT OWNER'
