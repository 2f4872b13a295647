-- rule: N41
-- severity: warning
-- message: CENSUS_BK is not digits that begin with 12 and the county FIPS
-- columns: census_bk
-- param: fips
select * from nal
where not starts_with(census_bk, getvariable('fips')) or not regexp_full_match(census_bk, '[0-9]+')
