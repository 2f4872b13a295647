-- grain: one row per personal property account. Values add up, and EXMPT is the text of EXMPT_VAL.
-- param: county_no
-- param: year
-- param: accounts
with accounts as (
  select
    range::bigint as i,
    500 + (exp(draw(range, 'furniture', 9000) / 1000.0) * 20)::bigint as furniture,
    case when chance(range, 'leasehold', 18) then 1000 + draw(range, 'lease', 90000) end as leasehold
  from range(getvariable('accounts'))
),
valued as (
  select *, furniture + coalesce(leasehold, 0) as total from accounts
)
select
  i,
  getvariable('county_no') as CO_NO,
  case i % 5 when 0 then 'C' || lpad((i * 7)::varchar, 9, '0') when 1 then 'T' || lpad((i * 3)::varchar, 8, '0')
    else (600000000000 + i * 11)::varchar end as ACCT_ID,
  'P' as FILE_T,
  getvariable('year') as ASMNT_YR,
  pick(i, 'levy', 4, '0312|3012|1912|2513A') as TAX_AUTH_CD,
  pick(i, 'naics', 7, '531110|722511|541110|238220|812112|448140|621210') as NAICS_CD,
  furniture as JV_F_F_E,
  leasehold as JV_LESE_IMP,
  total as JV_TOTAL,
  total as AV_TOTAL,
  0 as JV_POL_CONTRL,
  0 as AV_POL_CONTRL,
  least(total, 25000) as EXMPT_VAL,
  total - least(total, 25000) as TAX_VAL,
  pick(i, 'penalty', 10, '0|0|0|0|0|0|0|0|5|15') as PEN_RATE,
  pick(i, 'trade', 7, 'NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY') || ' '
    || pick(i, 'trade2', 5, 'EXPRESS|CENTER|BY ANNA|OF FLORIDA|& SONS') || ' ' || draw(i, 'trade no', 900)
    || pick(i, 'form', 4, ' LLC| INC| PA|') as OWN_NAM,
  (100 + draw(i, 'house', 9800)) || ' ' || pick(i, 'street', 4, 'SHERIDAN ST|N FEDERAL HWY|SW 2 AVE|PO BOX 12') as OWN_ADDR,
  pick(i, 'city', 4, 'FORT LAUDERDALE|HOLLYWOOD|DAVIE|ATLANTA') as OWN_CITY,
  case when pick(i, 'city', 4, 'FORT LAUDERDALE|HOLLYWOOD|DAVIE|ATLANTA') = 'ATLANTA' then 'GA' else 'FL' end as OWN_STATE,
  (33000 + draw(i, 'zip', 400))::varchar as OWN_ZIPCD,
  (100 + draw(i, 'situs', 9800)) || ' ' || pick(i, 'situs street', 3, 'SHERIDAN ST|N FEDERAL HWY|SW 2 AVE') as PHY_ADDR,
  pick(i, 'situs city', 3, 'FORT LAUDERDALE|HOLLYWOOD|DAVIE') as PHY_CITY,
  (33000 + draw(i, 'situs zip', 400))::varchar as PHY_ZIPCD,
  'M;' || least(total, 25000) as EXMPT,
  i + 1 as SEQ_NO,
  '14B1' as TS_ID
from valued
