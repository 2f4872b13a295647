-- rule: P16
-- severity: warning
-- message: EXMPT is not CODE;AMOUNT repeated
-- columns: exmpt
select * from nap
where not regexp_full_match(exmpt, '[A-Za-z]; ?[0-9]+(; ?[A-Za-z]; ?[0-9]+)*;?')
