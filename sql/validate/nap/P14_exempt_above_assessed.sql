-- rule: P14
-- severity: warning
-- message: EXMPT_VAL is above AV_TOTAL
-- columns: exmpt_val, av_total
select * from nap
where exmpt_val > av_total
