-- rule: S40
-- severity: warning
-- message: a text is longer than its column allows
-- columns: parcel_id, sale_id_cd, nbrhd_cd, mkt_ar, clerk_no
select * from sdf
where length(dor_uc) > 3
  or length(nbrhd_cd) > 10
  or length(mkt_ar) > 3
  or length(census_bk) > 16
  or length(sal_chg_cd) > 1
  or length(vi_cd) > 1
  or length(or_book) > 6
  or length(or_page) > 6
  or length(clerk_no) > 20
  or length(qual_cd) > 2
  or length(sale_mo) > 2
  or length(multi_par_sal) > 1
  or length(rs_id) > 4
  or length(mp_id) > 8
  or length(state_parcel_id) > 18
