-- grain: one row per record of the file, in no particular order; a record is a sale of a parcel.
-- All columns arrive as text in `source` (names upper-case, as in data/reference/fields.csv) and become typed here.
-- A value that should be a number and is not becomes NULL and its column is named in `uncast`, so that a rule
-- can reject the row; nothing is guessed. `line_hash` is the hash of the untouched text, by which a rejected row's
-- line is found in the file again. Codes keep their leading zeros because they stay text.
-- reads: source
with text as (
  select
    blank(CO_NO) as co_no,
    blank(PARCEL_ID) as parcel_id,
    blank(ASMNT_YR) as asmnt_yr,
    blank(ATV_STRT) as atv_strt,
    blank(GRP_NO) as grp_no,
    blank(DOR_UC) as dor_uc,
    blank(NBRHD_CD) as nbrhd_cd,
    blank(MKT_AR) as mkt_ar,
    blank(CENSUS_BK) as census_bk,
    blank(SALE_ID_CD) as sale_id_cd,
    blank(SAL_CHG_CD) as sal_chg_cd,
    blank(VI_CD) as vi_cd,
    blank(OR_BOOK) as or_book,
    blank(OR_PAGE) as or_page,
    blank(CLERK_NO) as clerk_no,
    blank(QUAL_CD) as qual_cd,
    blank(SALE_YR) as sale_yr,
    blank(SALE_MO) as sale_mo,
    blank(SALE_PRC) as sale_prc,
    blank(MULTI_PAR_SAL) as multi_par_sal,
    blank(RS_ID) as rs_id,
    blank(MP_ID) as mp_id,
    blank(STATE_PARCEL_ID) as state_parcel_id,
    extra,
    line_hash
  from source
)
select
  whole(co_no) as co_no,
  upper(parcel_id) as parcel_id,
  whole(asmnt_yr) as asmnt_yr,
  atv_strt,
  grp_no,
  dor_uc,
  nbrhd_cd,
  mkt_ar,
  census_bk,
  sale_id_cd,
  sal_chg_cd,
  vi_cd,
  or_book,
  or_page,
  clerk_no,
  qual_cd,
  whole(sale_yr) as sale_yr,
  sale_mo,
  whole(sale_prc) as sale_prc,
  multi_par_sal,
  rs_id,
  mp_id,
  state_parcel_id,
  extra,
  line_hash,
  nullif(concat_ws(
    ',',
    case when co_no is not null and whole(co_no) is null then 'CO_NO' end,
    case when asmnt_yr is not null and whole(asmnt_yr) is null then 'ASMNT_YR' end,
    case when sale_yr is not null and whole(sale_yr) is null then 'SALE_YR' end,
    case when sale_prc is not null and whole(sale_prc) is null then 'SALE_PRC' end
  ), '') as uncast
from text
