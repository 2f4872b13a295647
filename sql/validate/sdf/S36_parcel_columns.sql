-- rule: S36
-- severity: warning
-- message: rows of one parcel differ in a column of the parcel
-- columns: dor_uc, nbrhd_cd, mkt_ar, atv_strt, grp_no, mp_id, state_parcel_id
with differing as (
  select parcel_id from sdf
  group by parcel_id
  having count(distinct {
    use: dor_uc, neighborhood: nbrhd_cd, market: mkt_ar, stratum: unpadded(atv_strt), value_group: unpadded(grp_no),
    id: mp_id, state_id: state_parcel_id
  }) > 1
)
select s.* from sdf s
semi join differing d on d.parcel_id = s.parcel_id
