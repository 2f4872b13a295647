-- rule: S42
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: parcel_id, sale_id_cd, nbrhd_cd, mkt_ar, clerk_no
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost.
select * from sdf
where holds_separator(concat(
    parcel_id, sale_id_cd, atv_strt, grp_no, dor_uc, nbrhd_cd, mkt_ar, census_bk, sal_chg_cd, vi_cd, or_book, or_page,
    clerk_no, qual_cd, sale_mo, multi_par_sal, rs_id, mp_id, state_parcel_id
  ))
