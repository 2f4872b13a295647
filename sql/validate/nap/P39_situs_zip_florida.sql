-- rule: P39
-- severity: warning
-- message: PHY_ZIPCD is no Florida ZIP (five digits from 32, 33 or 34)
-- columns: phy_zipcd
select * from nap
where not regexp_full_match(phy_zipcd, '3[234][0-9]{3}')
