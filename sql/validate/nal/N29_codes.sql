-- rule: N29
-- severity: warning
-- message: a code is not in its list
-- columns: imp_qual, const_class, spass_cd, distr_cd, public_lnd, jv_chng_cd
-- param: jv_change
-- param: public_land
select * from nal
where not (imp_qual between '1' and '6' and length(imp_qual) = 1)
  or not (const_class between '1' and '5' and length(const_class) = 1)
  or not (spass_cd between '1' and '3' and length(spass_cd) = 1)
  or not (distr_cd between '1' and '9' and length(distr_cd) = 1)
  or not list_contains(getvariable('public_land'), public_lnd)
  or not list_contains(getvariable('jv_change'), jv_chng_cd)
