-- rule: S21
-- severity: warning
-- message: an arm's-length sale (01, 02) for less than 1,000 dollars
-- columns: qual_cd, sale_prc
select * from sdf
where qual_cd in ('01', '02') and sale_prc < 1000
