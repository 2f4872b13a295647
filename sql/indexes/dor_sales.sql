-- A parcel's sales newest first, and the market of a month. Built as dor_properties.sql says.
create index if not exists dor_sales_parcel_id_sale_date on dor_sales (parcel_id, sale_date desc);
create index if not exists dor_sales_sale_date on dor_sales (sale_date);
