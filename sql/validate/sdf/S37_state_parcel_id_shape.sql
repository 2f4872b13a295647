-- rule: S37
-- severity: warning
-- message: STATE_PARCEL_ID has not the shape Ccc-nnn-nnn-nnnn-k with the county number
-- columns: state_parcel_id, co_no
select * from sdf
where state_parcel_id is null
  or not regexp_full_match(state_parcel_id, 'C[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}-[0-9]')
  or state_parcel_id[2:3] <> co_no::varchar
