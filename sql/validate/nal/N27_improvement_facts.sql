-- rule: N27
-- severity: warning
-- message: an improved use class without year built or quality
-- columns: dor_uc, act_yr_blt, eff_yr_blt, imp_qual
-- why: farm land, common areas, government and miscellaneous classes may stand without a building.
select * from nal
where (
    dor_uc between '001' and '008'
    or dor_uc between '011' and '039'
    or dor_uc between '041' and '049'
    or dor_uc between '071' and '079'
  )
  and (act_yr_blt is null or eff_yr_blt is null or imp_qual is null)
