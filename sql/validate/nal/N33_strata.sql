-- rule: N33
-- severity: warning
-- message: BAS_STRT, ATV_STRT and GRP_NO do not go together
-- columns: bas_strt, atv_strt, grp_no
select * from nal
where not regexp_full_match(coalesce(bas_strt, ''), '0[1-9]|1[0-3]')
  or (atv_strt is null) <> regexp_full_match(bas_strt, '09|1[0-3]')
  or (grp_no is null) <> regexp_full_match(bas_strt, '09|1[0-3]')
  or (unpadded(atv_strt) <> '8' and unpadded(atv_strt) <> unpadded(bas_strt))
