-- rule: S38
-- severity: warning
-- message: MP_ID in hexadecimal is not the number of STATE_PARCEL_ID, or its check digit is wrong
-- columns: mp_id, state_parcel_id
-- why: an id that cannot be read as such, or that stands alone, is not the same number; where both are blank there is
-- nothing to compare.
select * from sdf
where (mp_id is not null or state_parcel_id is not null)
  and coalesce(not same_parcel_number(mp_id, state_parcel_id), true)
