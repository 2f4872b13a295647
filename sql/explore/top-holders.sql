-- title: Top holders
-- why: who owns the most, by value: the people to call about portfolios
-- grain: one row per owner name and kind, most valuable first
-- param: county = % -- slug of a county, % for all
-- param: kind = % -- person, company, trust, government, … ; % for all
-- param: rows = 100 -- how many
-- A name is a holder: the roll has no id of owners, so two spellings are two holders.
select
  owner_name,
  owner_kind,
  count(*) as parcels,
  sum(just_value)::bigint as just_value,
  sum(units)::bigint as units,
  mode(owner_city) as owner_city,
  mode(owner_state) as owner_state,
  mode(property_use_group) as mostly
from dor_properties_current
where county like $county and owner_kind like $kind and owner_name is not null
group by owner_name, owner_kind
order by just_value desc, owner_name
limit $rows::int
