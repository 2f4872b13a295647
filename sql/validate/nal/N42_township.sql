-- rule: N42
-- severity: warning
-- message: TWN or RNG is filled and not two digits and a letter
-- columns: twn, rng
select * from nal
where not regexp_full_match(twn, '[0-9]{2}[A-Z]') or not regexp_full_match(rng, '[0-9]{2}[A-Z]')
