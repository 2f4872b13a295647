-- rule: P08
-- severity: error
-- message: PEN_RATE is no whole number 0 to 99
-- columns: pen_rate
select * from nap
where contains(uncast, 'PEN_RATE') or pen_rate not between 0 and 99
