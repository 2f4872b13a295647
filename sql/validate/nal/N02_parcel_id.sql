-- rule: N02
-- severity: error
-- message: PARCEL_ID is missing or longer than 26 characters
-- columns: parcel_id
select * from nal
where parcel_id is null or length(parcel_id) > 26
