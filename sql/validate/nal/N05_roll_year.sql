-- rule: N05
-- severity: error
-- message: ASMNT_YR is not the roll year of the file
-- columns: asmnt_yr
-- param: roll_year
select * from nal
where asmnt_yr is distinct from getvariable('roll_year')
