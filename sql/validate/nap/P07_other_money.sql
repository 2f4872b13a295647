-- rule: P07
-- severity: error
-- message: an amount, one in EXMPT, or SEQ_NO is no whole number of at most 12 digits
-- columns: uncast
select * from nap
where other_columns(uncast, ['CO_NO', 'ASMNT_YR', 'JV_TOTAL', 'AV_TOTAL', 'TAX_VAL', 'PEN_RATE'])
