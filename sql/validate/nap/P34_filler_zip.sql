-- rule: P34
-- severity: warning
-- message: OWN_ZIPCD is 00000 or 99999
-- columns: own_zipcd
select * from nap
where own_zipcd in ('00000', '99999')
