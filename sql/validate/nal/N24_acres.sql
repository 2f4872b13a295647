-- rule: N24
-- severity: warning
-- message: acres fit the square feet neither as written nor with two implied decimals
-- columns: no_lnd_unts, lnd_sqfoot
-- why: the nearer of the two readings is staged as land_acres; this counts where neither is within 15 %. As a double,
-- because twelve digits of units times 43,560 are more than a decimal holds.
select * from nal
where lnd_unts_cd = '1'
  and no_lnd_unts > 0
  and lnd_sqfoot > 0
  and least(abs(no_lnd_unts::double * 43560 / lnd_sqfoot - 1), abs(no_lnd_unts::double * 435.6 / lnd_sqfoot - 1)) > 0.15
