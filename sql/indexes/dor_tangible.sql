-- Accounts by number in any county, and by owner. Built as dor_properties.sql says.
create index if not exists dor_tangible_account_id on dor_tangible (account_id);
create index if not exists dor_tangible_owner_name_pattern on dor_tangible (owner_name text_pattern_ops);
