-- rule: N16
-- severity: warning
-- message: in one of the nine pairs the assessed part is above the just part, or one side is blank
-- columns: jv_hmstd, av_hmstd, jv_non_hmstd_resd, av_non_hmstd_resd, jv_resd_non_resd, av_resd_non_resd, jv_class_use, av_class_use
select * from nal
where av_hmstd > jv_hmstd or (av_hmstd is null) <> (jv_hmstd is null)
  or av_non_hmstd_resd > jv_non_hmstd_resd or (av_non_hmstd_resd is null) <> (jv_non_hmstd_resd is null)
  or av_resd_non_resd > jv_resd_non_resd or (av_resd_non_resd is null) <> (jv_resd_non_resd is null)
  or av_class_use > jv_class_use or (av_class_use is null) <> (jv_class_use is null)
  or av_h2o_rechrge > jv_h2o_rechrge or (av_h2o_rechrge is null) <> (jv_h2o_rechrge is null)
  or av_consrv_lnd > jv_consrv_lnd or (av_consrv_lnd is null) <> (jv_consrv_lnd is null)
  or av_hist_com_prop > jv_hist_com_prop or (av_hist_com_prop is null) <> (jv_hist_com_prop is null)
  or av_hist_signf > jv_hist_signf or (av_hist_signf is null) <> (jv_hist_signf is null)
  or av_wrkng_wtrfnt > jv_wrkng_wtrfnt or (av_wrkng_wtrfnt is null) <> (jv_wrkng_wtrfnt is null)
