-- title: Long held, absentee
-- why: owners who live elsewhere and have not sold for years: likely sellers
-- grain: one row per parcel, longest held first
-- param: county = % -- a county in any spelling, % for all
-- param: years = 15 -- no sale recorded for at least so many
-- param: group = Residential -- use group, % for all
-- The roll keeps two sales of a parcel, the sales roll the recent ones; a parcel without any is not here. Governments and
-- associations, which do not sell, are not either. Absentee is who gets the tax bill elsewhere: owners with a post box are, too.
with held as (
  select *, greatest(sale_date, sale2_date, latest_sale_date) as last_sale
  from dor_properties_current
  where county like $county and property_use_group like $group and is_absentee
    and coalesce(owner_kind, '') not in ('government', 'association')
)
select
  county,
  parcel_id,
  phy_addr1 as address,
  phy_city as city,
  owner_name,
  owner_addr1,
  owner_city,
  owner_state,
  last_sale,
  year - year(last_sale) as years_held,
  just_value,
  assessed_value
from held
where last_sale is not null and year - year(last_sale) >= $years::int
order by last_sale, county, parcel_id
