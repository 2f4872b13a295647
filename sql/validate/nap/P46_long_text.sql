-- rule: P46
-- severity: error
-- message: a text has more than 600 characters
-- columns: own_nam, own_addr, phy_addr, exmpt
-- why: no column of the guide is a tenth as wide. No index of the target takes a text of 2,700 bytes, and 600 characters
-- are at most 2,400; P45 counts what is only wider than its column.
select * from nap
where too_wide(file_t, 600)
  or too_wide(tax_auth_cd, 600)
  or too_wide(naics_cd, 600)
  or too_wide(own_nam, 600)
  or too_wide(own_addr, 600)
  or too_wide(own_city, 600)
  or too_wide(own_state, 600)
  or too_wide(own_zipcd, 600)
  or too_wide(own_state_dom, 600)
  or too_wide(fidu_name, 600)
  or too_wide(fidu_addr, 600)
  or too_wide(fidu_city, 600)
  or too_wide(fidu_state, 600)
  or too_wide(fidu_zipcd, 600)
  or too_wide(fidu_cd, 600)
  or too_wide(phy_addr, 600)
  or too_wide(phy_city, 600)
  or too_wide(phy_zipcd, 600)
  or too_wide(fil, 600)
  or too_wide(alt_key, 600)
  or too_wide(exmpt, 600)
  or too_wide(acct_id_cng, 600)
  or too_wide(ts_id, 600)
