-- rule: P20
-- severity: warning
-- message: the standard exemption M is above 25,000
-- columns: exmpt
select * from nap
where try_cast(regexp_extract(exmpt, 'M; ?([0-9]{1,12})', 1) as bigint) > 25000
