-- rule: N19
-- severity: warning
-- message: an exemption is above the just value, or the retired EXMPT_28 is filled
-- columns: jv, exmpt_01, exmpt_02, exmpt_28
select * from nal
where greatest(*columns('exmpt_[0-9]+')) > jv or exmpt_28 >= 0
