-- rule: P24
-- severity: warning
-- message: JV_TOTAL is 2 billion dollars or more
-- columns: jv_total
select * from nap
where jv_total >= 2000000000
