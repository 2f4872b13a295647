-- rule: P22
-- severity: warning
-- message: PEN_RATE is none of 0, 5, 10, 15, 20, 25
-- columns: pen_rate
select * from nap
where pen_rate not in (0, 5, 10, 15, 20, 25)
