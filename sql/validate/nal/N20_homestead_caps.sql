-- rule: N20
-- severity: warning
-- message: EXMPT_01 is above 25,000, or EXMPT_02 above the cap of the roll year
-- columns: exmpt_01, exmpt_02
-- why: the second cap is indexed; data/reference/caps.csv has it by year. For other years the rule is not run.
-- needs: homestead_cap
select * from nal
where exmpt_01 > 25000 or exmpt_02 > getvariable('homestead_cap')
