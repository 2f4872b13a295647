-- rule: X02
-- severity: warning
-- message: the sales and the parcels are of different submissions (RS_ID)
-- counts: sdf
-- needs: sdf
-- columns: parcel_id, rs_id
select * from sdf
where rs_id is null
  or rs_id not in (select distinct rs_id from nal where rs_id is not null)
