-- rule: P37
-- severity: warning
-- message: PHY_CITY is a bare number
-- columns: phy_city
select * from nap
where regexp_full_match(phy_city, '[0-9]+')
