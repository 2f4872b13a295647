-- rule: P36
-- severity: warning
-- message: PHY_CITY is missing
-- columns: phy_city
select * from nap
where phy_city is null
