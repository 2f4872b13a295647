-- rule: N25
-- severity: warning
-- message: LND_SQFOOT is above 10,000,000,000
-- columns: lnd_sqfoot
select * from nal
where lnd_sqfoot > 10000000000
