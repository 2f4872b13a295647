-- rule: N22
-- severity: warning
-- message: LND_VAL, or LND_VAL + SPEC_FEAT_VAL, is above JV
-- columns: jv, lnd_val, spec_feat_val
select * from nal
where lnd_val > jv or lnd_val + coalesce(spec_feat_val, 0) > jv
