-- title: Absentee owners by ZIP
-- why: where owners live elsewhere, and how many of them out of Florida: mailing lists start here
-- grain: one row per county and ZIP of the property, most absentee owners first
-- param: county = % -- a county in any spelling, % for all
-- param: group = Residential -- use group, % for all
-- Absentee is unknown (null) where the roll has no address to compare; those parcels count in `parcels` alone, not in the percentage.
-- A ZIP that two counties share is two rows.
select
  county,
  phy_zipcd as zip,
  mode(phy_city) as city,
  count(*) as parcels,
  count(*) filter (is_absentee) as absentee,
  round(100 * count(*) filter (is_absentee) / nullif(count(is_absentee), 0), 1) as absentee_pct,
  count(*) filter (is_absentee and is_out_of_state) as out_of_state,
  median(just_value) filter (is_absentee)::bigint as median_just_value
from dor_properties_current
where county like $county and property_use_group like $group and phy_zipcd is not null
group by county, phy_zipcd
order by absentee desc, county, zip
