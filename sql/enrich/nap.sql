-- grain: one row per accepted account.
select
  *,
  case when owner_name <> 'CURRENT OWNER' then owner_kind(owner_name, 'unknown') end as owner_kind,
  out_of_state(owner_state, owner_domicile) as is_out_of_state
from clean_nap
