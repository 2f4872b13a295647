-- grain: one row per scope and name: the county, each city, each use group. Over the whole county, never per chunk.
-- reads: clean_nal, uses
-- leaves: medians
with parcels as (
  select c.county, c.county_no, c.year, c.phy_city, u.use_group, c.just_value,
    case when c.total_living_area > 0 then c.just_value / c.total_living_area end as value_per_sqft
  from clean_nal c
  left join uses u on u.code = c.property_use
),
scoped as (
  select county_no, year,
    case grouping(phy_city, use_group) when 3 then 'county' when 1 then 'city' else 'use_group' end as scope,
    coalesce(phy_city, use_group, any_value(county)) as name,
    grouping(phy_city, use_group) as level,
    phy_city,
    use_group,
    count(*) as parcels,
    round(median(just_value))::bigint as median_just_value,
    round(median(value_per_sqft), 2)::decimal(18, 2) as median_value_per_sqft
  from parcels
  group by grouping sets ((county_no, year), (county_no, year, phy_city), (county_no, year, use_group))
)
select county_no, year, scope, name, parcels, median_just_value, median_value_per_sqft
from scoped
where level = 3 or (level = 1 and phy_city is not null) or (level = 2 and use_group is not null)
