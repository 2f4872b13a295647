-- grain: one row per parcel, i from 0. With `real` (distinct parcels of a real sales roll) the first ones are those.
-- param: county_no
-- param: rows
-- reads: real
-- leaves: parcels
with numbered as (
  select range::bigint as i from range(getvariable('rows'))
)
select
  n.i,
  coalesce(r.parcel_id, parcel_name(n.i)) as parcel_id,
  coalesce(r.dor_uc, pick(n.i, 'use', 23, '001|001|001|001|001|001|001|004|004|004|004|000|002|008|011|017|048|086|071|010|099|009|060')) as dor_uc,
  case when r.parcel_id is null then (500000 + draw(n.i, 'area', 90000))::varchar else r.nbrhd_cd end as nbrhd_cd,
  case when r.parcel_id is null then lpad(draw(n.i // 100, 'market', 60)::varchar, 2, '0') else r.mkt_ar end as mkt_ar,
  r.atv_strt,
  r.grp_no,
  r.parcel_id is not null as is_real,
  coalesce(r.mp_id, lpad(to_hex(20000000 + n.i), 8, '0')) as mp_id,
  coalesce(r.state_id, state_id(getvariable('county_no'), 20000000 + n.i)) as state_id
from numbered n
left join real r on r.i = n.i
order by n.i
