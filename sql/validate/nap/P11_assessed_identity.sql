-- rule: P11
-- severity: warning
-- message: AV_TOTAL is not JV_TOTAL - JV_POL_CONTRL + AV_POL_CONTRL
-- columns: av_total, jv_total, jv_pol_contrl, av_pol_contrl
select * from nap
where av_total <> jv_total - coalesce(jv_pol_contrl, 0) + coalesce(av_pol_contrl, 0)
