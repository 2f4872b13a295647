-- grain: one row per parcel, in the order of i. A clean roll: no error rule and hardly a warning is broken.
-- Never measured against a real NAL, which cannot be had: header, identities and facts are those of the reference.
-- param: county_no
-- param: year
-- param: fips
-- reads: parcels
-- leaves: roll
with facts as (
  select
    *,
    dor_uc in ('000', '010', '040', '070', '080', '099', '009', '060') as vacant,
    dor_uc in ('001', '002', '004') and chance(i, 'homestead', 45) as homestead,
    dor_uc between '080' and '089' as government,
    dor_uc = '071' as church,
    dor_uc = '060' as farm,
    dor_uc = '004' as condo,
    (case
      when dor_uc in ('000', '009') then 8000 + draw(i, 'jv', 60000)
      when dor_uc between '010' and '099' then exp(11 + draw(i, 'jv', 4000) / 1000.0)
      else exp(11.6 + (draw(i, 'jv', 1000) + draw(i, 'jv2', 1000)) / 1000.0)
    end)::bigint as jv
  from parcels
),
valued as (
  select
    *,
    case when homestead then jv * (60 + draw(i, 'cap', 41)) // 100 when farm then jv // 5 else jv end as av,
    case when homestead then 25000 end as e1,
    case when homestead and chance(i, 'widow', 4) then 5000 end as e33,
    case when homestead and chance(i, 'veteran', 2) then 5000 end as e35,
    (case when condo then null when homestead then jv // 4 when vacant then jv else jv // 3 end)::bigint as land,
    case when not vacant then 550 + draw(i, 'area', 2800) end as living,
    case when not vacant then 1950 + draw(i, 'built', getvariable('year') - 1951) end as built,
    4000 + draw(i, 'lot', 18000) as lot,
    sale_count(i) as sales
  from facts
),
exempted as (
  select
    *,
    case when homestead and av > 50000 then least(case when getvariable('year') < 2025 then 25000 else 25722 end, av - 50000) end as e2,
    case when government then av end as e20,
    case when church then av end as e09
  from valued
)
select
  i,
  getvariable('county_no') as CO_NO,
  parcel_id as PARCEL_ID,
  'R' as FILE_T,
  getvariable('year') as ASMNT_YR,
  stratum as BAS_STRT,
  case when is_real then atv_strt when stratum < '09' then ltrim(stratum, '0') end as ATV_STRT,
  case when is_real then grp_no when stratum < '09' then (1 + draw(i, 'group', 4))::varchar end as GRP_NO,
  dor_uc as DOR_UC,
  lpad(draw(i, 'pa', 99)::varchar, 2, '0') as PA_UC,
  jv as JV,
  av as AV_SD,
  av as AV_NSD,
  greatest(0, av - coalesce(e1, 0) - coalesce(e33, 0) - coalesce(e35, 0) - coalesce(e20, 0) - coalesce(e09, 0)) as TV_SD,
  greatest(0, av - coalesce(e1, 0) - coalesce(e2, 0) - coalesce(e33, 0) - coalesce(e35, 0) - coalesce(e20, 0) - coalesce(e09, 0)) as TV_NSD,
  case when homestead then jv end as JV_HMSTD,
  case when homestead then av end as AV_HMSTD,
  case when not homestead and not farm and dor_uc < '010' then jv end as JV_NON_HMSTD_RESD,
  case when not homestead and not farm and dor_uc < '010' then av end as AV_NON_HMSTD_RESD,
  case when not farm and dor_uc >= '010' then jv end as JV_RESD_NON_RESD,
  case when not farm and dor_uc >= '010' then av end as AV_RESD_NON_RESD,
  case when farm then jv end as JV_CLASS_USE,
  case when farm then av end as AV_CLASS_USE,
  0 as NCONST_VAL,
  0 as DEL_VAL,
  land as LND_VAL,
  case when condo then null when farm then '1' else '2' end as LND_UNTS_CD,
  case when condo then null when farm then (round(lot / 435.6, 0))::varchar else lot::varchar end as NO_LND_UNTS,
  case when not condo then lot end as LND_SQFOOT,
  lpad((1 + draw(i, 'seen', 12))::varchar, 2, '0') || lpad((10 + draw(i, 'seen2', 15))::varchar, 2, '0') as DT_LAST_INSPT,
  case when not vacant then (1 + draw(i, 'quality', 6))::varchar end as IMP_QUAL,
  case when dor_uc >= '010' and not vacant then (1 + draw(i, 'class', 5))::varchar end as CONST_CLASS,
  case when not vacant then least(built + draw(i, 'remodel', 15), getvariable('year') - 1) end as EFF_YR_BLT,
  built as ACT_YR_BLT,
  living as TOT_LVG_AREA,
  case when not vacant and not condo then 1 end as NO_BULDNG,
  case when dor_uc in ('001', '002', '004') then 1 when dor_uc = '008' then 2 + draw(i, 'units', 7) end as NO_RES_UNTS,
  case when condo or vacant then 0 else least(draw(i, 'features', 20000), jv // 10) end as SPEC_FEAT_VAL,
  case when sales > 0 and sold_together(i) then 'C' end as MULTI_PAR_SAL1,
  case when sales > 0 then sale_code(deed(i, 1)) end as QUAL_CD1,
  case when sales > 0 then case when vacant then 'V' else 'I' end end as VI_CD1,
  case when sales > 0 then sale_price(deed(i, 1)) end as SALE_PRC1,
  case when sales > 0 then getvariable('year') - 1 + sale_month_no(deed(i, 1)) // 12 end as SALE_YR1,
  case when sales > 0 then lpad((1 + sale_month_no(deed(i, 1)) % 12)::varchar, 2, '0') end as SALE_MO1,
  case when sales > 0 then sale_clerk(deed(i, 1)) end as CLERK_NO1,
  case when sales > 1 then sale_code(deed(i, 2)) end as QUAL_CD2,
  case when sales > 1 then case when vacant then 'V' else 'I' end end as VI_CD2,
  case when sales > 1 then sale_price(deed(i, 2)) end as SALE_PRC2,
  case when sales > 1 then getvariable('year') - 1 + sale_month_no(deed(i, 2)) // 12 end as SALE_YR2,
  case when sales > 1 then lpad((1 + sale_month_no(deed(i, 2)) % 12)::varchar, 2, '0') end as SALE_MO2,
  case when sales > 1 then sale_clerk(deed(i, 2)) end as CLERK_NO2,
  owner as OWN_NAME,
  case when homestead then situs else (100 + draw(i, 'mail', 9800)) || ' ' || pick(i, 'street2', 5, 'OCEAN BLVD|MAIN ST|PARK AVE|LAKE DR|PO BOX') end as OWN_ADDR1,
  case when not homestead then place_city else city end as OWN_CITY,
  case when not homestead then place_state else 'FLORIDA' end as OWN_STATE,
  case when not homestead then place_zip else zip end as OWN_ZIPCD,
  case when not homestead then place_dom else 'FL' end as OWN_STATE_DOM,
  'LOT ' || (1 + draw(i, 'lot no', 90)) || ' BLK ' || (1 + draw(i, 'block', 60)) || ' ' || (20 + draw(i, 'book', 150)) || '-' || (1 + draw(i, 'page', 50)) || ' B' as S_LEGAL,
  mkt_ar as MKT_AR,
  nbrhd_cd as NBRHD_CD,
  case when government then 'C' end as PUBLIC_LND,
  pick(i, 'levy', 4, '0312|3012|1912|2513') as TAX_AUTH_CD,
  (47 + draw(i, 'twn', 5)) || 'S' as TWN,
  (37 + draw(i, 'rng', 7)) || 'E' as RNG,
  lpad((1 + draw(i, 'sec', 36))::varchar, 2, '0') as SEC,
  getvariable('fips') || lpad((draw(i // 40, 'census', 9999) * 10)::varchar, 7, '0') as CENSUS_BK,
  case when dor_uc <> '099' then situs end as PHY_ADDR1,
  case when condo then (1 + draw(i, 'unit', 40)) * 100 + draw(i, 'unit2', 20) || '' end as PHY_ADDR2,
  city as PHY_CITY,
  zip as PHY_ZIPCD,
  e1 as EXMPT_01,
  e2 as EXMPT_02,
  e09 as EXMPT_09,
  e20 as EXMPT_20,
  e33 as EXMPT_33,
  e35 as EXMPT_35,
  i + 1 as SEQ_NO,
  '2B6D' as RS_ID,
  mp_id as MP_ID,
  state_id as STATE_PAR_ID
from (
  select
    *,
    case
      when dor_uc in ('001', '002', '004', '005') then '01'
      when dor_uc in ('006', '008') then '02'
      when dor_uc between '050' and '069' then '03'
      when dor_uc in ('000', '007') then '04'
      when dor_uc in ('010', '040', '099') then '05'
      when dor_uc = '003' or dor_uc between '011' and '049' then '06'
      when dor_uc = '009' then '13'
      when government or church then '10'
      else '07'
    end as stratum,
    (100 + draw(i, 'house', 19800)) || ' ' || pick(i, 'side', 4, 'NW|SW|NE|SE') || ' ' || (1 + draw(i, 'street', 210)) || ' ' || pick(i, 'way', 5, 'ST|AVE|TER|CT|WAY') as situs,
    pick(i // 500, 'city', 8, 'FORT LAUDERDALE|HOLLYWOOD|PEMBROKE PINES|CORAL SPRINGS|DAVIE|PLANTATION|SUNRISE|MIRAMAR') as city,
    (33000 + draw(i // 500, 'zip', 400))::varchar as zip,
    pick(i, 'place', 10, 'FORT LAUDERDALE|MIAMI|TAMPA|ORLANDO|NEW YORK|BOSTON|PORTLAND|LOS ANGELES|TORONTO|MONTREAL') as place_city,
    pick(i, 'place', 10, 'FLORIDA|FLORIDA|FLORIDA|FL|NEW YORK|MASSACHUSETTS|MAINE|CALIFORNIA|ONTARIO CANADA|CANADA') as place_state,
    nullif(pick(i, 'place', 10, '33301|33130|33602|32801|10001|02108|04101|90012||'), '') as place_zip,
    pick(i, 'place', 10, 'FL|FL|FL|FL|NY|MA|ME|CA|FC|FC') as place_dom,
    case
      when government then pick(i, 'public', 4, 'BROWARD COUNTY|CITY OF HOLLYWOOD|STATE OF FLORIDA DOT|SCHOOL BOARD OF BROWARD COUNTY')
      when church then pick(i, 'church', 3, 'FIRST BAPTIST CHURCH INC|TRINITY CHAPEL|HOPE MINISTRIES')
      when homestead or chance(i, 'person', 55) then
        pick(i, 'last', 12, 'SMITH|JOHNSON|GARCIA|RODRIGUEZ|BROWN|BANKS|CHURCHILL|TRUSTY|O''NEIL|MILLER|LEE|CITY')
        || ',' || pick(i, 'first', 8, 'JOHN|MARY|LUIS|ANA|PETER|ROSA|DAVID|LINDA')
        || pick(i, 'middle', 4, '| A| M| J')
        || pick(i, 'tail', 8, '||| & SUSAN| & TOM| LIFE EST| REV LIV TR| EST')
      else pick(i, 'firm', 8, 'CITYWIDE|SUNSHINE|OCEAN VIEW|BLUE HERON|PALM|INVITATION|TRUSTWORTHY|GOLD COAST')
        || ' ' || draw(i, 'firm no', 9000) || ' '
        || pick(i, 'form', 12, 'LLC|LLC|LLC|INC|CORP|HOLDINGS LLC|TRUST|BANK NA|CONDO ASSN INC|HOMEOWNERS ASSN INC|PARTNERS LTD|FOUNDATION INC')
    end as owner
  from exempted
) described
