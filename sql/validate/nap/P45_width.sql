-- rule: P45
-- severity: warning
-- message: a text is longer than its column allows
-- columns: own_nam, own_addr, phy_addr, exmpt
select * from nap
where length(file_t) > 1
  or length(naics_cd) > 6
  or length(own_nam) > 50
  or length(own_addr) > 40
  or length(own_city) > 40
  or length(own_state) > 25
  or length(own_zipcd) > 5
  or length(own_state_dom) > 2
  or length(fidu_name) > 30
  or length(fidu_addr) > 40
  or length(fidu_city) > 40
  or length(fidu_state) > 25
  or length(fidu_zipcd) > 5
  or length(fidu_cd) > 1
  or length(phy_addr) > 40
  or length(phy_city) > 40
  or length(phy_zipcd) > 5
  or length(alt_key) > 26
  or length(exmpt) > 50
  or length(acct_id_cng) > 20
  or length(ts_id) > 4
