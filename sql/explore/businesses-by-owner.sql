-- title: Equipment owners who also own parcels
-- why: businesses with tangible property that own real estate in the same county: owner-occupiers
-- grain: one row per county and owner name, most valuable equipment first
-- param: county = % -- a county in any spelling, % for all
-- Owners are matched by name alone: two of one name are taken for one, and two spellings find nothing. That the equipment stands on
-- the parcels is likely, not known.
with accounts as (
  select county, county_no, owner_name, count(*) as accounts, sum(just_value)::bigint as equipment_value, mode(naics_code) as naics_code
  from dor_tangible_current
  where county like $county and owner_name is not null
  group by all
),
parcels as (
  select county_no, owner_name, count(*) as parcels, sum(just_value)::bigint as parcel_value, mode(phy_city) as city
  from dor_properties_current
  where county like $county and owner_name is not null
  group by all
)
select a.county, a.owner_name, a.accounts, a.equipment_value, a.naics_code, p.parcels, p.parcel_value, p.city
from accounts a
join parcels p on p.county_no = a.county_no and p.owner_name = a.owner_name
order by a.equipment_value desc, a.owner_name
