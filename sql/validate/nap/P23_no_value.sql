-- rule: P23
-- severity: warning
-- message: JV_TOTAL is zero
-- columns: jv_total
select * from nap
where jv_total <= 0
