-- rule: P44
-- severity: warning
-- message: a text holds a control character
-- columns: own_nam, own_addr, own_city, phy_addr
select * from nap
where regexp_matches(concat(acct_id, file_t, tax_auth_cd, naics_cd, own_nam, own_addr, own_city, own_state, own_zipcd, own_state_dom, fidu_name, fidu_addr, fidu_city, fidu_state, fidu_zipcd, fidu_cd, phy_addr, phy_city, phy_zipcd, fil, alt_key, exmpt, acct_id_cng, ts_id), '[\x00-\x1F\x7F]')
