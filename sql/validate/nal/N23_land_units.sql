-- rule: N23
-- severity: warning
-- message: LND_UNTS_CD is not 1-6, has units with code 6, or decimals without code 1
-- columns: lnd_unts_cd, no_lnd_unts
select * from nal
where not (lnd_unts_cd between '1' and '6' and length(lnd_unts_cd) = 1)
  or (lnd_unts_cd = '6' and no_lnd_unts is not null)
  or (no_lnd_unts % 1 <> 0 and lnd_unts_cd is distinct from '1')
