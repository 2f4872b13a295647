-- rule: P47
-- severity: error
-- message: a text holds a control character that separates values (record or unit separator)
-- columns: own_nam, own_addr, phy_addr, exmpt
-- why: the hashes by which changes are found have these between the values: with one inside a value, two different rows
-- may look alike, and an update would be lost; other control characters are P44.
select * from nap
where holds_separator(concat(
    acct_id, file_t, tax_auth_cd, naics_cd, own_nam, own_addr, own_city, own_state, own_zipcd, own_state_dom,
    fidu_name, fidu_addr, fidu_city, fidu_state, fidu_zipcd, fidu_cd, phy_addr, phy_city, phy_zipcd, fil, alt_key,
    exmpt, acct_id_cng, ts_id
  ))
