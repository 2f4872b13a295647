-- grain: one row per accepted sale of a parcel (key: parcel_id, sale_id).
-- Names that consumers know and real dates; codes stay the text that the county wrote.
-- param: county
-- reads: sdf, dropped
-- leaves: clean_sdf
select
  s.parcel_id,
  getvariable('county') as county,
  s.co_no::smallint as county_no,
  s.asmnt_yr::smallint as year,
  s.sale_id_cd as sale_id,
  s.sale_yr::smallint as sale_year,
  whole(s.sale_mo)::smallint as sale_month,
  month_start(s.sale_yr, s.sale_mo) as sale_date,
  s.sale_prc as sale_price,
  s.qual_cd as sale_qualification,
  s.vi_cd as vacant_improved,
  s.sal_chg_cd as sale_change,
  s.multi_par_sal as multi_parcel_sale,
  s.clerk_no,
  s.or_book,
  s.or_page,
  s.dor_uc as property_use,
  s.nbrhd_cd as neighborhood,
  s.mkt_ar as market_area,
  s.census_bk as census_block,
  s.atv_strt as active_stratum,
  s.grp_no as value_group,
  s.mp_id,
  s.state_parcel_id,
  s.extra,
  s.rs_id as submission_id
from sdf s
anti join dropped d on d.record = s.record
