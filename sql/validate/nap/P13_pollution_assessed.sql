-- rule: P13
-- severity: warning
-- message: AV_POL_CONTRL is above JV_POL_CONTRL
-- columns: av_pol_contrl, jv_pol_contrl
select * from nap
where coalesce(av_pol_contrl, 0) > coalesce(jv_pol_contrl, 0)
