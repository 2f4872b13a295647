-- rule: N35
-- severity: warning
-- message: PAR_SPLT is not 1 or 2 followed by MMYY
-- columns: par_splt
select * from nal
where not regexp_full_match(par_splt, '[12](0[1-9]|1[0-2])[0-9]{2}')
