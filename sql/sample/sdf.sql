-- grain: one row per sale of a parcel, in the order of the parcels. Every parcel is one of the roll's, every sale slot
-- of the roll is here, and all parcels of one deed carry its full price.
-- `roll` is the query of nal.sql.
-- param: county_no
-- param: year
-- reads: roll, parcels
with sales as (
  select p.*, k, deed(p.i, k) as deed
  from parcels p, range(1, 3) t (k)
  where k <= sale_count(p.i)
)
select
  sales.i * 2 + k as i,
  getvariable('county_no') as CO_NO,
  sales.parcel_id as PARCEL_ID,
  getvariable('year') as ASMNT_YR,
  n.ATV_STRT,
  n.GRP_NO,
  sales.dor_uc as DOR_UC,
  sales.nbrhd_cd as NBRHD_CD,
  sales.mkt_ar as MKT_AR,
  '99000' || sale_clerk(deed) as SALE_ID_CD,
  n.VI_CD1 as VI_CD,
  sale_clerk(deed) as CLERK_NO,
  sale_code(deed) as QUAL_CD,
  getvariable('year') - 1 + sale_month_no(deed) // 12 as SALE_YR,
  lpad((1 + sale_month_no(deed) % 12)::varchar, 2, '0') as SALE_MO,
  sale_price(deed) as SALE_PRC,
  case when deed < 0 then 'C' end as MULTI_PAR_SAL,
  '2B6D' as RS_ID,
  sales.mp_id as MP_ID,
  state_id as STATE_PARCEL_ID
from sales
join roll n on n.i = sales.i
