-- What the consumers look parcels up by. Built after a first load, each in its own transaction, so that a load is not
-- slowed down and a kill costs one index at most. Not migrations: adding one here is enough, and it is built by the
-- next run. The _pattern ones serve LIKE 'SMITH%'; ILIKE and words in the middle need trigram.sql.
create index if not exists dor_properties_parcel_id on dor_properties (parcel_id);
create index if not exists dor_properties_owner_name_pattern on dor_properties (owner_name text_pattern_ops);
create index if not exists dor_properties_phy_addr1_pattern on dor_properties (phy_addr1 text_pattern_ops);
create index if not exists dor_properties_just_value on dor_properties (just_value);
create index if not exists dor_properties_year_built on dor_properties (year_built);
create index if not exists dor_properties_property_use on dor_properties (property_use);
create index if not exists dor_properties_sale_date on dor_properties (sale_date);
