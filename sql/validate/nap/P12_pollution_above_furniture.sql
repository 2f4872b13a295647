-- rule: P12
-- severity: warning
-- message: JV_POL_CONTRL is above JV_F_F_E
-- columns: jv_pol_contrl, jv_f_f_e
select * from nap
where coalesce(jv_pol_contrl, 0) > coalesce(jv_f_f_e, 0)
