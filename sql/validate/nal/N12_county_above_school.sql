-- rule: N12
-- severity: warning
-- message: AV_NSD is above AV_SD
-- columns: av_sd, av_nsd
select * from nal
where av_nsd > av_sd
