-- rule: N14
-- severity: warning
-- message: JV is not the sum of its nine parts
-- columns: jv, jv_hmstd, jv_non_hmstd_resd, jv_resd_non_resd, jv_class_use
-- why: a city-only historic classification breaks the sum, so parcels with one are left out.
select * from nal
where jv_hist_com_prop is null and av_hist_com_prop is null and jv_hist_signf is null and av_hist_signf is null
  and jv <> coalesce(jv_hmstd, 0) + coalesce(jv_non_hmstd_resd, 0) + coalesce(jv_resd_non_resd, 0) +
    coalesce(jv_class_use, 0) + coalesce(jv_h2o_rechrge, 0) + coalesce(jv_consrv_lnd, 0) +
    coalesce(jv_hist_com_prop, 0) + coalesce(jv_hist_signf, 0) + coalesce(jv_wrkng_wtrfnt, 0)
