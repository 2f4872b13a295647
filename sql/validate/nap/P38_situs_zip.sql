-- rule: P38
-- severity: warning
-- message: PHY_ZIPCD is missing
-- columns: phy_zipcd
select * from nap
where phy_zipcd is null
