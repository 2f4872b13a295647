-- rule: P07
-- severity: error
-- message: an amount is no whole number of at most 12 digits
-- columns: jv_f_f_e, jv_lese_imp, jv_pol_contrl, av_pol_contrl, exmpt_val
select * from nap
where other_columns(uncast, ['CO_NO', 'ASMNT_YR', 'JV_TOTAL', 'AV_TOTAL', 'TAX_VAL', 'PEN_RATE', 'SEQ_NO'])
  or least(jv_f_f_e, jv_lese_imp, jv_pol_contrl, av_pol_contrl, exmpt_val) < 0
  or greatest(jv_f_f_e, jv_lese_imp, jv_pol_contrl, av_pol_contrl, exmpt_val) > 999999999999
