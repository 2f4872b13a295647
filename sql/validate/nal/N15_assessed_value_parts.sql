-- rule: N15
-- severity: warning
-- message: AV_NSD is not the sum of its nine parts
-- columns: av_nsd, av_hmstd, av_non_hmstd_resd, av_resd_non_resd, av_class_use
-- why: a city-only historic classification breaks the sum, so parcels with one are left out.
select * from nal
where jv_hist_com_prop is null and av_hist_com_prop is null and jv_hist_signf is null and av_hist_signf is null
  and av_nsd <> coalesce(av_hmstd, 0) + coalesce(av_non_hmstd_resd, 0) + coalesce(av_resd_non_resd, 0) +
    coalesce(av_class_use, 0) + coalesce(av_h2o_rechrge, 0) + coalesce(av_consrv_lnd, 0) +
    coalesce(av_hist_com_prop, 0) + coalesce(av_hist_signf, 0) + coalesce(av_wrkng_wtrfnt, 0)
