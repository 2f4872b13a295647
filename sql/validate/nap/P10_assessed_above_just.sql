-- rule: P10
-- severity: warning
-- message: AV_TOTAL is above JV_TOTAL
-- columns: av_total, jv_total
select * from nap
where av_total > jv_total
