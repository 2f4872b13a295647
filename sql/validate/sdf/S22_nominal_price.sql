-- rule: S22
-- severity: warning
-- message: a nominal price (0 or 100) without one of the codes 11, 98 and 99
-- columns: qual_cd, sale_prc
select * from sdf
where sale_prc in (0, 100) and (qual_cd is null or qual_cd not in ('11', '98', '99'))
