-- rule: S35
-- severity: warning
-- message: ATV_STRT is not 1-8, GRP_NO not 1-6, or only one of them is blank
-- columns: atv_strt, grp_no
select * from sdf
where not (atv_strt between '1' and '8' and length(atv_strt) = 1)
  or not (grp_no between '1' and '6' and length(grp_no) = 1)
  or (atv_strt is null) <> (grp_no is null)
