-- rule: P48
-- severity: error
-- message: an identifier or code is what a spreadsheet made of it: a rounded number, a date or an error
-- columns: acct_id, alt_key, naics_cd
-- why: 494025012345 saved again as CSV becomes 4.94025E+11, 1-2 becomes 2-Jan. The digits are gone, and two rows may become
-- one; a workbook's own cells are F14.
select * from nap
where spreadsheet_damage(concat_ws(chr(31),
    acct_id, alt_key, tax_auth_cd, naics_cd, acct_id_cng, ts_id
  ))
