-- title: Out-of-state owners by state
-- why: where the owners who do not live in Florida are
-- grain: one row per state of the owner's mail
-- param: county = % -- a county in any spelling, % for all
-- The state is that of the mailing address: a Floridian whose bills go to a manager in Georgia counts there. Owners are names: two
-- spellings are two.
select
  coalesce(owner_state, owner_domicile) as state,
  count(*) as parcels,
  count(distinct owner_name) as owners,
  sum(just_value)::bigint as just_value,
  median(just_value)::bigint as median_just_value,
  mode(concat_ws(', ', phy_city, county)) as mostly_in
from dor_properties_current
where county like $county and is_out_of_state
group by all
order by parcels desc, state
