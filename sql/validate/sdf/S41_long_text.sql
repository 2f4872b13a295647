-- rule: S41
-- severity: error
-- message: a text has more than 600 characters
-- columns: parcel_id, sale_id_cd, nbrhd_cd, mkt_ar, clerk_no
-- why: no column of the guide is a tenth as wide. No index of the target takes a text of 2,700 bytes, and 600 characters
-- are at most 2,400; S40 counts what is only wider than its column.
select * from sdf
where too_wide(atv_strt, 600)
  or too_wide(grp_no, 600)
  or too_wide(dor_uc, 600)
  or too_wide(nbrhd_cd, 600)
  or too_wide(mkt_ar, 600)
  or too_wide(census_bk, 600)
  or too_wide(sal_chg_cd, 600)
  or too_wide(vi_cd, 600)
  or too_wide(or_book, 600)
  or too_wide(or_page, 600)
  or too_wide(clerk_no, 600)
  or too_wide(qual_cd, 600)
  or too_wide(sale_mo, 600)
  or too_wide(multi_par_sal, 600)
  or too_wide(rs_id, 600)
  or too_wide(mp_id, 600)
  or too_wide(state_parcel_id, 600)
