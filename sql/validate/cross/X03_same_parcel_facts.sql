-- rule: X03
-- severity: warning
-- message: a sale differs from its parcel in use, neighborhood, market area, stratum or statewide id
-- counts: sdf
-- needs: sdf
-- columns: parcel_id, dor_uc, nbrhd_cd, mkt_ar, atv_strt, grp_no, mp_id
select s.* from sdf s
join nal n on n.parcel_id = s.parcel_id
where (s.dor_uc, s.nbrhd_cd, s.mkt_ar, unpadded(s.atv_strt), unpadded(s.grp_no), s.mp_id, s.state_parcel_id)
  is distinct from (n.dor_uc, n.nbrhd_cd, n.mkt_ar, unpadded(n.atv_strt), unpadded(n.grp_no), n.mp_id, n.state_par_id)
