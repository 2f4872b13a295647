-- rule: N38
-- severity: warning
-- message: PHY_ADDR1 is missing
-- columns: phy_addr1
select * from nal
where phy_addr1 is null
