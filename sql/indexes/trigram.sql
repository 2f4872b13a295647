-- extension: pg_trgm
-- Search boxes: ILIKE, and words in the middle of owners and addresses. Only where the extension may be installed.
create index if not exists dor_properties_owner_name_trigram on dor_properties using gin (owner_name gin_trgm_ops);
create index if not exists dor_properties_phy_addr1_trigram on dor_properties using gin (phy_addr1 gin_trgm_ops);
