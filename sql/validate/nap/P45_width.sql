-- rule: P45
-- severity: warning
-- message: a text is longer than its column allows
-- columns: own_nam, own_addr, phy_addr, exmpt
select * from nap
where too_wide(file_t, 1)
  or too_wide(naics_cd, 6)
  or too_wide(own_nam, 50)
  or too_wide(own_addr, 40)
  or too_wide(own_city, 40)
  or too_wide(own_state, 25)
  or too_wide(own_zipcd, 5)
  or too_wide(own_state_dom, 2)
  or too_wide(fidu_name, 30)
  or too_wide(fidu_addr, 40)
  or too_wide(fidu_city, 40)
  or too_wide(fidu_state, 25)
  or too_wide(fidu_zipcd, 5)
  or too_wide(fidu_cd, 1)
  or too_wide(phy_addr, 40)
  or too_wide(phy_city, 40)
  or too_wide(phy_zipcd, 5)
  or too_wide(alt_key, 26)
  or too_wide(exmpt, 50)
  or too_wide(acct_id_cng, 20)
  or too_wide(ts_id, 4)
