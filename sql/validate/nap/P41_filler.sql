-- rule: P41
-- severity: warning
-- message: FIL is filled
-- columns: fil
select * from nap
where fil is not null
