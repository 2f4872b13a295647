-- rule: N32
-- severity: warning
-- message: JV_CHNG and its code: filled on a preliminary roll, or one without the other, or 100 dollars and less
-- columns: jv_chng, jv_chng_cd
-- param: stage
select * from nal
where (getvariable('stage') = 'P' and (jv_chng is not null or jv_chng_cd is not null))
  or (jv_chng is null) <> (jv_chng_cd is null)
  or abs(jv_chng) <= 100
