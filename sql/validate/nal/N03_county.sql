-- rule: N03
-- severity: error
-- message: CO_NO is not the county of this file
-- columns: co_no
-- param: county_no
select * from nal
where co_no is distinct from getvariable('county_no') or co_no not between 11 and 77
