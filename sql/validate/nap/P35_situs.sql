-- rule: P35
-- severity: warning
-- message: PHY_ADDR is missing
-- columns: phy_addr
select * from nap
where phy_addr is null
