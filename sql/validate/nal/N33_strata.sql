-- rule: N33
-- severity: warning
-- message: BAS_STRT, ATV_STRT and GRP_NO do not go together
-- columns: bas_strt, atv_strt, grp_no
select * from nal
where bas_strt is null
  or bas_strt not between '01' and '13'
  or (atv_strt is null) <> (bas_strt between '09' and '13')
  or (grp_no is null) <> (bas_strt between '09' and '13')
  or (atv_strt <> '8' and atv_strt <> ltrim(bas_strt, '0'))
