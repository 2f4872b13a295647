-- grain: one row per parcel of a real sales roll, numbered from 0 in the order of their ids.
-- param: real_sales
-- leaves: real
with parcels as (
  select distinct on (PARCEL_ID) PARCEL_ID as parcel_id, DOR_UC as dor_uc, NBRHD_CD as nbrhd_cd, MKT_AR as mkt_ar,
    ATV_STRT as atv_strt, GRP_NO as grp_no, MP_ID as mp_id, STATE_PARCEL_ID as state_id
  from read_csv(getvariable('real_sales'), all_varchar = true, header = true)
)
select row_number() over (order by parcel_id) - 1 as i, * from parcels
