-- rule: N09
-- severity: warning
-- message: AV_SD, AV_NSD, TV_SD or TV_NSD is missing
-- columns: av_sd, av_nsd, tv_sd, tv_nsd
select * from nal
where av_sd is null or av_nsd is null or tv_sd is null or tv_nsd is null
