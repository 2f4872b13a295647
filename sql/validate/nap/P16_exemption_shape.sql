-- rule: P16
-- severity: warning
-- message: EXMPT is not CODE;AMOUNT repeated
-- columns: exmpt
select * from nap
where not are_exemptions(exmpt)
