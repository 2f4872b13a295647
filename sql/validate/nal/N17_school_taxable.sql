-- rule: N17
-- severity: warning
-- message: TV_SD is not AV_SD less the exemptions that reach school levies
-- columns: av_sd, tv_sd, exmpt_01, exmpt_05, exmpt_20
-- why: the levies of each exemption are in codes.csv (nal_exemption_levies).
select * from nal
where av_sd is not null and tv_sd <> greatest(0, av_sd - (
    coalesce(exmpt_01, 0) + coalesce(exmpt_05, 0) + coalesce(exmpt_06, 0) + coalesce(exmpt_07, 0) +
    coalesce(exmpt_08, 0) + coalesce(exmpt_09, 0) + coalesce(exmpt_12, 0) + coalesce(exmpt_13, 0) +
    coalesce(exmpt_14, 0) + coalesce(exmpt_15, 0) + coalesce(exmpt_16, 0) + coalesce(exmpt_17, 0) +
    coalesce(exmpt_18, 0) + coalesce(exmpt_19, 0) + coalesce(exmpt_20, 0) + coalesce(exmpt_21, 0) +
    coalesce(exmpt_29, 0) + coalesce(exmpt_30, 0) + coalesce(exmpt_31, 0) + coalesce(exmpt_32, 0) +
    coalesce(exmpt_33, 0) + coalesce(exmpt_34, 0) + coalesce(exmpt_35, 0) + coalesce(exmpt_36, 0) +
    coalesce(exmpt_37, 0) + coalesce(exmpt_38, 0) + coalesce(exmpt_41, 0) + coalesce(exmpt_42, 0) +
    coalesce(exmpt_43, 0) + coalesce(exmpt_44, 0) + coalesce(exmpt_80, 0) + coalesce(exmpt_81, 0) +
    coalesce(exmpt_82, 0)
  ))
