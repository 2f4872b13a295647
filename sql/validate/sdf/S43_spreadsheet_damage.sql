-- rule: S43
-- severity: error
-- message: an identifier or code is what a spreadsheet made of it: a rounded number, a date or an error
-- columns: parcel_id, sale_id_cd, or_book, clerk_no
-- why: 494025012345 saved again as CSV becomes 4.94025E+11, 1-2 becomes 2-Jan. The digits are gone, and two rows may become
-- one; a workbook's own cells are F14.
select * from sdf
where spreadsheet_damage(concat_ws(chr(31),
    parcel_id, sale_id_cd, atv_strt, grp_no, dor_uc, nbrhd_cd, mkt_ar, census_bk, or_book, or_page, clerk_no,
    qual_cd, sale_mo, mp_id
  ))
