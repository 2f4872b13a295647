-- rule: N07
-- severity: error
-- message: a number is no whole number of at most 12 digits
-- columns: uncast
-- why: CO_NO, ASMNT_YR and JV have rules of their own. Only JV_CHNG may be negative, only NO_LND_UNTS a decimal.
select * from nal
where other_columns(uncast, ['CO_NO', 'ASMNT_YR', 'JV'])
