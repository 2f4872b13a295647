-- No real parcels to begin with.
-- leaves: real
select null::bigint as i, null::varchar as parcel_id, null::varchar as dor_uc, null::varchar as nbrhd_cd,
  null::varchar as mkt_ar, null::varchar as atv_strt, null::varchar as grp_no, null::varchar as mp_id,
  null::varchar as state_id
where false
