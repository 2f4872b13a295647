-- rule: P19
-- severity: warning
-- message: the amounts of EXMPT do not add up to EXMPT_VAL
-- columns: exmpt, exmpt_val
select * from nap
where exmpt is not null
  and coalesce(list_sum(list_transform(regexp_extract_all(exmpt, '; ?([0-9]{1,12})', 1), lambda t: t::bigint)), 0)
  <> coalesce(exmpt_val, 0)
