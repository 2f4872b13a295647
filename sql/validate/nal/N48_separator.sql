-- rule: N48
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: own_name, own_addr1, phy_addr1, s_legal
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost.
select * from nal
where holds_separator(concat(
    parcel_id, file_t, bas_strt, atv_strt, grp_no, dor_uc, pa_uc, spass_cd, jv_chng_cd, par_splt, distr_cd,
    lnd_unts_cd, dt_last_inspt, imp_qual, const_class, multi_par_sal1, qual_cd1, vi_cd1, sale_mo1, or_book1, or_page1,
    clerk_no1, sal_chng_cd1, multi_par_sal2, qual_cd2, vi_cd2, sale_mo2, or_book2, or_page2, clerk_no2, sal_chng_cd2,
    own_name, own_addr1, own_addr2, own_city, own_state, own_zipcd, own_state_dom, fidu_name, fidu_addr1, fidu_addr2,
    fidu_city, fidu_state, fidu_zipcd, fidu_cd, s_legal, app_stat, co_app_stat, mkt_ar, nbrhd_cd, public_lnd,
    tax_auth_cd, twn, rng, sec, census_bk, phy_addr1, phy_addr2, phy_city, phy_zipcd, alt_key, ass_trnsfr_fg,
    parcel_id_prv_hmstd, rs_id, mp_id, state_par_id, spc_cir_cd, spc_cir_txt
  ))
