-- rule: S06
-- severity: error
-- message: SALE_YR is no four-digit number
-- columns: sale_yr
select * from sdf
where sale_yr is null or sale_yr not between 1000 and 9999
