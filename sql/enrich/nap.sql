-- grain: one row per accepted account.
-- reads: clean_nap
-- leaves: enriched_nap
select
  *,
  case when owner_name <> 'CURRENT OWNER' then owner_kind(owner_name, 'company') end as owner_kind,
  out_of_state(owner_state, owner_domicile) as is_out_of_state,
  confidential(concat_ws(' | ', owner_name, owner_addr1, owner_city, fiduciary_name, fiduciary_addr1, fiduciary_city, phy_addr1, phy_city)) as is_confidential
from clean_nap
