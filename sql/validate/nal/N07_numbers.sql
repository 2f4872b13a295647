-- rule: N07
-- severity: error
-- message: a number is no whole number of at most 12 digits, or a sale's year or month is none
-- columns: uncast
-- why: CO_NO, ASMNT_YR and JV have rules of their own. Only JV_CHNG may be negative, only NO_LND_UNTS a decimal.
-- Year and month of a sale slot are staged as small numbers: what is none is named here, the rest by N31.
select * from nal
where other_columns(uncast, ['CO_NO', 'ASMNT_YR', 'JV'])
