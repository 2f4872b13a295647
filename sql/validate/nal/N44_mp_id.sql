-- rule: N44
-- severity: warning
-- message: MP_ID in hexadecimal is not the number of STATE_PAR_ID, or its check digit is wrong
-- columns: mp_id, state_par_id
-- why: an id that cannot be read as such, or that stands alone, is not the same number; where both are blank there is
-- nothing to compare.
select * from nal
where (mp_id is not null or state_par_id is not null)
  and coalesce(not same_parcel_number(mp_id, state_par_id), true)
