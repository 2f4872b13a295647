-- rule: P15
-- severity: warning
-- message: TAX_VAL is not AV_TOTAL - EXMPT_VAL
-- columns: tax_val, av_total, exmpt_val
select * from nap
where tax_val <> av_total - coalesce(exmpt_val, 0)
