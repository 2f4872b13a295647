-- rule: S36
-- severity: warning
-- message: rows of one parcel differ in a column of the parcel
-- columns: dor_uc, nbrhd_cd, mkt_ar, atv_strt, grp_no, mp_id, state_parcel_id
with described as (
  select *, concat_ws('|', dor_uc, coalesce(nbrhd_cd, '-'), coalesce(mkt_ar, '-'), coalesce(atv_strt, '-'),
    coalesce(grp_no, '-'), coalesce(mp_id, '-'), coalesce(state_parcel_id, '-')) as description
  from sdf
),
differing as (
  select parcel_id from described
  group by parcel_id
  having min(description) <> max(description)
)
select s.* from described s
semi join differing d on d.parcel_id = s.parcel_id
