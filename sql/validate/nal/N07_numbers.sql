-- rule: N07
-- severity: error
-- message: a number is no whole number of at most 12 digits
-- columns: uncast
-- why: CO_NO, ASMNT_YR and JV have rules of their own. Only JV_CHNG may be negative, only NO_LND_UNTS a decimal.
select * from nal
where other_columns(uncast, ['CO_NO', 'ASMNT_YR', 'JV'])
  or least(
      av_sd, av_nsd, tv_sd, tv_nsd, jv_hmstd, av_hmstd, jv_non_hmstd_resd, av_non_hmstd_resd,
      jv_resd_non_resd, av_resd_non_resd, jv_class_use, av_class_use, jv_h2o_rechrge, av_h2o_rechrge,
      jv_consrv_lnd, av_consrv_lnd, jv_hist_com_prop, av_hist_com_prop, jv_hist_signf, av_hist_signf,
      jv_wrkng_wtrfnt, av_wrkng_wtrfnt, nconst_val, del_val, distr_yr, lnd_val, lnd_sqfoot, eff_yr_blt,
      act_yr_blt, tot_lvg_area, no_buldng, no_res_unts, spec_feat_val, sale_prc1, sale_yr1, sale_prc2,
      sale_yr2, prev_hmstd_own, ass_dif_trns, cono_prv_hm, yr_val_trnsf, exmpt_01, exmpt_02, exmpt_03,
      exmpt_04, exmpt_05, exmpt_06, exmpt_07, exmpt_08, exmpt_09, exmpt_10, exmpt_11, exmpt_12, exmpt_13,
      exmpt_14, exmpt_15, exmpt_16, exmpt_17, exmpt_18, exmpt_19, exmpt_20, exmpt_21, exmpt_22, exmpt_23,
      exmpt_24, exmpt_25, exmpt_26, exmpt_27, exmpt_28, exmpt_29, exmpt_30, exmpt_31, exmpt_32, exmpt_33,
      exmpt_34, exmpt_35, exmpt_36, exmpt_37, exmpt_38, exmpt_39, exmpt_40, exmpt_41, exmpt_42, exmpt_43,
      exmpt_44, exmpt_45, exmpt_46, exmpt_80, exmpt_81, exmpt_82, seq_no, spc_cir_yr, no_lnd_unts
  ) < 0
  or greatest(
      av_sd, av_nsd, tv_sd, tv_nsd, jv_hmstd, av_hmstd, jv_non_hmstd_resd, av_non_hmstd_resd,
      jv_resd_non_resd, av_resd_non_resd, jv_class_use, av_class_use, jv_h2o_rechrge, av_h2o_rechrge,
      jv_consrv_lnd, av_consrv_lnd, jv_hist_com_prop, av_hist_com_prop, jv_hist_signf, av_hist_signf,
      jv_wrkng_wtrfnt, av_wrkng_wtrfnt, nconst_val, del_val, distr_yr, lnd_val, lnd_sqfoot, eff_yr_blt,
      act_yr_blt, tot_lvg_area, no_buldng, no_res_unts, spec_feat_val, sale_prc1, sale_yr1, sale_prc2,
      sale_yr2, prev_hmstd_own, ass_dif_trns, cono_prv_hm, yr_val_trnsf, exmpt_01, exmpt_02, exmpt_03,
      exmpt_04, exmpt_05, exmpt_06, exmpt_07, exmpt_08, exmpt_09, exmpt_10, exmpt_11, exmpt_12, exmpt_13,
      exmpt_14, exmpt_15, exmpt_16, exmpt_17, exmpt_18, exmpt_19, exmpt_20, exmpt_21, exmpt_22, exmpt_23,
      exmpt_24, exmpt_25, exmpt_26, exmpt_27, exmpt_28, exmpt_29, exmpt_30, exmpt_31, exmpt_32, exmpt_33,
      exmpt_34, exmpt_35, exmpt_36, exmpt_37, exmpt_38, exmpt_39, exmpt_40, exmpt_41, exmpt_42, exmpt_43,
      exmpt_44, exmpt_45, exmpt_46, exmpt_80, exmpt_81, exmpt_82, seq_no, spc_cir_yr, no_lnd_unts
  ) > 999999999999
