-- grain: one row per staged sale, under DOR's column names: what the rules between the sales and the parcels read.
-- param: sales
-- leaves: sdf
select
  file_row_number as record,
  parcel_id,
  sale_id as sale_id_cd,
  sale_year::bigint as sale_yr,
  lpad(sale_month::varchar, 2, '0') as sale_mo,
  sale_price as sale_prc,
  clerk_no,
  or_book,
  or_page,
  property_use as dor_uc,
  neighborhood as nbrhd_cd,
  market_area as mkt_ar,
  active_stratum as atv_strt,
  value_group as grp_no,
  mp_id,
  state_parcel_id,
  submission_id as rs_id
from read_parquet(getvariable('sales'), file_row_number = true)
