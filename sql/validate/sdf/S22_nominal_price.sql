-- rule: S22
-- severity: warning
-- message: a nominal price (0 or 100) with a code other than 11, 98 and 99
-- columns: qual_cd, sale_prc
select * from sdf
where sale_prc in (0, 100) and qual_cd not in ('11', '98', '99')
