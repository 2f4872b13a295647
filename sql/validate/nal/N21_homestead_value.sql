-- rule: N21
-- severity: warning
-- message: EXMPT_01 without a homestead value
-- columns: exmpt_01, jv_hmstd
select * from nal
where exmpt_01 > 0 and coalesce(jv_hmstd, 0) = 0
