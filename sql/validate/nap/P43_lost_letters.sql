-- rule: P43
-- severity: warning
-- message: a text holds the replacement character U+FFFD: letters were lost before DOR published it
-- columns: own_nam, own_addr, own_city, phy_addr
select * from nap
where contains(concat(acct_id, file_t, tax_auth_cd, naics_cd, own_nam, own_addr, own_city, own_state, own_zipcd, own_state_dom, fidu_name, fidu_addr, fidu_city, fidu_state, fidu_zipcd, fidu_cd, phy_addr, phy_city, phy_zipcd, fil, alt_key, exmpt, acct_id_cng, ts_id), chr(65533))
