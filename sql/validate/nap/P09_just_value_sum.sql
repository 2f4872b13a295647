-- rule: P09
-- severity: warning
-- message: JV_TOTAL is not JV_F_F_E + JV_LESE_IMP
-- columns: jv_total, jv_f_f_e, jv_lese_imp
select * from nap
where jv_total <> coalesce(jv_f_f_e, 0) + coalesce(jv_lese_imp, 0)
