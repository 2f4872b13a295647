-- rule: P21
-- severity: warning
-- message: the standard exemption M is above AV_TOTAL
-- columns: exmpt, av_total
select * from nap
where tangible_exemptions(exmpt)['M'] > av_total
