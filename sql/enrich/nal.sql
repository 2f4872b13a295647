-- grain: one row per accepted parcel; its latest sale follows in latest_sale_columns.sql.
-- Everything here looks at the whole county: medians (tables of sql/enrich/medians.sql).
-- reads: clean_nal, uses, medians
-- leaves: parcels
-- alias: county = all parcels of the county (sql/enrich/medians.sql)
-- alias: city = all parcels of the city (sql/enrich/medians.sql)
-- alias: grouped = all parcels of the use group (sql/enrich/medians.sql)
-- alias: u = data/reference/codes.csv, the use codes
with derived as (
  select
    *,
    owner_kind(owner_name, 'person') as owner_kind,
    out_of_state(owner_state, owner_domicile) as is_out_of_state,
    case
      when is_homestead then false
      when owner_zipcd <> phy_zipcd then true
      when owner_state <> 'FL' then true
      when owner_addr1 = phy_addr1 then false
      else squeezed(owner_addr1) <> squeezed(phy_addr1)
    end as is_absentee,
    case when total_living_area > 0 then round(just_value / total_living_area, 2)::decimal(18, 2) end as value_per_sqft,
    confidential(concat_ws(' | ', owner_name, owner_addr1, owner_addr2, owner_city, fiduciary_name, fiduciary_addr1,
      fiduciary_addr2, fiduciary_city, phy_addr1, phy_addr2, phy_city, legal_desc, special_circumstance_text)) as is_confidential
  from clean_nal
)
select
  d.*,
  u.description as property_use_desc,
  u.use_group as property_use_group,
  county.median_just_value as county_median_value,
  city.median_just_value as city_median_value,
  grouped.median_just_value as use_group_median_value,
  round(d.just_value / nullif(county.median_just_value, 0), 4)::double as value_to_county_median,
  round(d.just_value / nullif(city.median_just_value, 0), 4)::double as value_to_city_median,
  round(d.just_value / nullif(grouped.median_just_value, 0), 4)::double as value_to_use_group_median
from derived d
left join uses u on u.code = d.property_use
left join medians county on county.scope = 'county'
left join medians city on city.scope = 'city' and city.name = d.phy_city
left join medians grouped on grouped.scope = 'use_group' and grouped.name = u.use_group
