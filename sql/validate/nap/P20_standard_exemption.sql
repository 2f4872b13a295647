-- rule: P20
-- severity: warning
-- message: the standard exemption M is above 25,000
-- columns: exmpt
select * from nap
where tangible_exemptions(exmpt)['M'] > 25000
