-- rule: P18
-- severity: warning
-- message: EXMPT has a code twice
-- columns: exmpt
select * from nap
where len(regexp_extract_all(exmpt, '[A-Za-z];')) > len(list_distinct(regexp_extract_all(exmpt, '[A-Za-z];')))
