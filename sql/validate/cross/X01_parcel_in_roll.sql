-- rule: X01
-- severity: warning
-- message: a sale of a parcel that the real property roll of the same year does not have
-- counts: sdf
-- needs: sdf
-- columns: parcel_id, sale_id_cd
select s.* from sdf s
anti join nal n on n.parcel_id = s.parcel_id
