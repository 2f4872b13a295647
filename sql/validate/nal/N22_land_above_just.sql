-- rule: N22
-- severity: warning
-- message: LND_VAL, or LND_VAL + SPEC_FEAT_VAL, is above JV
-- columns: jv, lnd_val, spec_feat_val
select * from nal
where coalesce(lnd_val, 0) + coalesce(spec_feat_val, 0) > jv
