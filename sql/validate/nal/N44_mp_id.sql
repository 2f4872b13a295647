-- rule: N44
-- severity: warning
-- message: MP_ID in hexadecimal is not the number of STATE_PAR_ID, or its check digit is wrong
-- columns: mp_id, state_par_id
select * from nal
where not same_parcel_number(mp_id, state_par_id)
