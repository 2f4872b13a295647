-- rule: N28
-- severity: warning
-- message: DT_LAST_INSPT is neither 0000 nor MMYY
-- columns: dt_last_inspt
select * from nal
where not regexp_full_match(dt_last_inspt, '0{1,4}|(0?[1-9]|1[0-2])[0-9]{2}')
