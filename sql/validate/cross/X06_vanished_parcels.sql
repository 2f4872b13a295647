-- rule: X06
-- severity: warning
-- message: a parcel of the last accepted roll of this year is gone; below 1 % is usual
-- counts: previous_nal
-- needs: previous_nal
-- columns: parcel_id
select p.parcel_id from previous_nal p
anti join nal n on n.parcel_id = p.parcel_id
