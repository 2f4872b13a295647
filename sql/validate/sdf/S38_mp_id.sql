-- rule: S38
-- severity: warning
-- message: MP_ID in hexadecimal is not the number of STATE_PARCEL_ID, or its check digit is wrong
-- columns: mp_id, state_parcel_id
select * from sdf
where not same_parcel_number(mp_id, state_parcel_id)
