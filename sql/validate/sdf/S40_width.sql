-- rule: S40
-- severity: warning
-- message: a text is longer than its column allows
-- columns: parcel_id, sale_id_cd, nbrhd_cd, mkt_ar, clerk_no
select * from sdf
where too_wide(dor_uc, 3)
  or too_wide(nbrhd_cd, 10)
  or too_wide(mkt_ar, 3)
  or too_wide(census_bk, 16)
  or too_wide(sal_chg_cd, 1)
  or too_wide(vi_cd, 1)
  or too_wide(or_book, 6)
  or too_wide(or_page, 6)
  or too_wide(clerk_no, 20)
  or too_wide(qual_cd, 2)
  or too_wide(sale_mo, 2)
  or too_wide(multi_par_sal, 1)
  or too_wide(rs_id, 4)
  or too_wide(mp_id, 8)
  or too_wide(state_parcel_id, 18)
