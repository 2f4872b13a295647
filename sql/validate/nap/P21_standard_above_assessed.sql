-- rule: P21
-- severity: warning
-- message: the standard exemption M is above AV_TOTAL
-- columns: exmpt, av_total
select * from nap
where try_cast(regexp_extract(exmpt, 'M; ?([0-9]{1,12})', 1) as bigint) > av_total
