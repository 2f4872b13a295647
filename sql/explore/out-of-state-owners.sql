-- title: Out-of-state owners by state
-- why: where the owners who do not live in Florida are
-- grain: one row per state of the owner's mail
-- param: county = % -- a county in any spelling, % for all
select
  coalesce(owner_state, owner_domicile) as state,
  count(*) as parcels,
  count(distinct owner_name) as owners,
  sum(just_value)::bigint as just_value,
  median(just_value)::bigint as median_just_value,
  mode(phy_city) as mostly_in
from dor_properties_current
where county like $county and is_out_of_state
group by all
order by parcels desc, state
