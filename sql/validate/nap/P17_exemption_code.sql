-- rule: P17
-- severity: warning
-- message: EXMPT has a code other than A to T
-- columns: exmpt
select * from nap
where regexp_matches(exmpt, '(^|;) ?[^A-T0-9 ;]')
