-- rule: N19
-- severity: warning
-- message: an exemption is above the just value, or the retired EXMPT_28 is filled
-- columns: jv, exmpt_01, exmpt_02, exmpt_28
select * from nal
where exmpt_28 is not null
  or greatest(
      exmpt_01, exmpt_02, exmpt_03, exmpt_04, exmpt_05, exmpt_06, exmpt_07, exmpt_08, exmpt_09, exmpt_10,
      exmpt_11, exmpt_12, exmpt_13, exmpt_14, exmpt_15, exmpt_16, exmpt_17, exmpt_18, exmpt_19, exmpt_20,
      exmpt_21, exmpt_22, exmpt_23, exmpt_24, exmpt_25, exmpt_26, exmpt_27, exmpt_28, exmpt_29, exmpt_30,
      exmpt_31, exmpt_32, exmpt_33, exmpt_34, exmpt_35, exmpt_36, exmpt_37, exmpt_38, exmpt_39, exmpt_40,
      exmpt_41, exmpt_42, exmpt_43, exmpt_44, exmpt_45, exmpt_46, exmpt_80, exmpt_81, exmpt_82
  ) > jv
