-- rule: P26
-- severity: warning
-- message: NAICS_CD begins with no published sector
-- columns: naics_cd
select * from nap
where naics_cd[1:2] not in ('11', '21', '22', '23', '31', '32', '33', '42', '44', '45', '48', '49', '51', '52', '53', '54', '55',
  '56', '61', '62', '71', '72', '81', '92')
