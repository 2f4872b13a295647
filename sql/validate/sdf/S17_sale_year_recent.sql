-- rule: S17
-- severity: warning
-- message: SALE_YR is neither the roll year nor the year before
-- columns: sale_yr, asmnt_yr
-- param: roll_year
select * from sdf
where sale_yr not between getvariable('roll_year') - 1 and getvariable('roll_year')
