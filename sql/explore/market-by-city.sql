-- title: Market by city
-- why: how many parcels of a kind a city has, what they are worth, how many are homesteads, how often they sell
-- grain: one row per county and city, largest first
-- param: county = % -- a county in any spelling, % for all
-- param: group = Residential -- use group, % for all
-- A city is where the parcel is addressed, which is often the post office and not the city that governs it: unincorporated land has
-- one, too. Names repeat between counties and are not merged. Sold lately: a qualified sale that the sales roll still has.
-- Where it is not known whether the owner lives elsewhere, the parcel is left out of `absentee_pct`.
select
  county,
  phy_city as city,
  count(*) as parcels,
  median(just_value)::bigint as median_just_value,
  round(median(value_per_sqft), 2) as median_value_per_sqft,
  round(100 * count(*) filter (is_homestead) / count(*), 1) as homestead_pct,
  round(100 * count(*) filter (is_absentee) / nullif(count(is_absentee), 0), 1) as absentee_pct,
  count(*) filter (latest_sale_date is not null) as sold_lately,
  median(year_built)::int as median_year_built
from dor_properties_current
where county like $county and property_use_group like $group and phy_city is not null
group by county, phy_city
order by parcels desc, county, city
