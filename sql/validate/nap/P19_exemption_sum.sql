-- rule: P19
-- severity: warning
-- message: the amounts of EXMPT do not add up to EXMPT_VAL
-- columns: exmpt, exmpt_val
select * from nap
where coalesce(list_sum(map_values(tangible_exemptions(exmpt))), 0) <> coalesce(exmpt_val, 0)
