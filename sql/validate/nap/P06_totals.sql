-- rule: P06
-- severity: error
-- message: JV_TOTAL, AV_TOTAL or TAX_VAL is missing or no whole number of at most 12 digits
-- columns: jv_total, av_total, tax_val
select * from nap
where jv_total is null or av_total is null or tax_val is null
