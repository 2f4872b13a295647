-- rule: N11
-- severity: warning
-- message: an assessed value is above the just value
-- columns: jv, av_sd, av_nsd
select * from nal
where av_sd > jv or av_nsd > jv
