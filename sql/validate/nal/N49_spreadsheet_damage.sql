-- rule: N49
-- severity: error
-- message: an identifier or code is what a spreadsheet made of it: a rounded number, a date or an error
-- columns: parcel_id, alt_key, or_book1, clerk_no1
-- why: 494025012345 saved again as CSV becomes 4.94025E+11, 1-2 becomes 2-Jan. The digits are gone, and two rows may become
-- one; a workbook's own cells are F14.
select * from nal
where spreadsheet_damage(concat_ws(chr(31),
    parcel_id, alt_key, bas_strt, atv_strt, grp_no, dor_uc, pa_uc, nbrhd_cd, mkt_ar, tax_auth_cd, census_bk, twn,
    rng, sec, or_book1, or_page1, clerk_no1, or_book2, or_page2, clerk_no2, dt_last_inspt, public_lnd,
    parcel_id_prv_hmstd, mp_id
  ))
