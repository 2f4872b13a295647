-- rule: N26
-- severity: warning
-- message: a year built is not between 1700 and the roll year
-- columns: act_yr_blt, eff_yr_blt
-- param: roll_year
select * from nal
where act_yr_blt not between 1700 and getvariable('roll_year')
  or eff_yr_blt not between 1700 and getvariable('roll_year')
