-- title: Top holders
-- why: who owns the most, by value: the people to call about portfolios
-- grain: one row per owner name and kind, most valuable first
-- param: county = % -- a county in any spelling, % for all
-- param: kind = % -- person, company, trust, government, … ; % for all
-- param: rows = 100 -- how many
-- A name is a holder: the roll has no id of owners, so two spellings are two holders, and two people of one name are one. With an
-- address in more than one place, `owner_place` is the commonest; `owner_places` says how many there are.
select
  owner_name,
  owner_kind,
  count(*) as parcels,
  sum(just_value)::bigint as just_value,
  sum(units)::bigint as units,
  mode(nullif(concat_ws(', ', owner_city, owner_state), '')) as owner_place,
  count(distinct nullif(concat_ws(', ', owner_city, owner_state), '')) as owner_places,
  mode(property_use_group) as mostly
from dor_properties_current
where county like $county and owner_kind like $kind and owner_name is not null
group by owner_name, owner_kind
order by just_value desc nulls last, owner_name
limit $rows::int
