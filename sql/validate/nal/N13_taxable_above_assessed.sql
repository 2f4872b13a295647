-- rule: N13
-- severity: warning
-- message: a taxable value is above its assessed value
-- columns: av_sd, tv_sd, av_nsd, tv_nsd
select * from nal
where tv_sd > av_sd or tv_nsd > av_nsd
