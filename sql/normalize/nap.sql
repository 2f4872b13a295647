-- grain: one row per accepted tangible personal property account (key: account_id).
-- An account is not a parcel: it never meets the parcels' table. EXMPT becomes a map of the amounts above zero
-- (the real files write M;0 for "no exemption"); its text is kept beside it.
-- param: county
-- reads: nap, dropped
-- leaves: clean_nap
select
  n.acct_id as account_id,
  getvariable('county') as county,
  n.co_no::smallint as county_no,
  n.asmnt_yr::smallint as year,
  n.own_nam as owner_name,
  n.own_addr as owner_addr1,
  n.own_city as owner_city,
  usps(n.own_state) as owner_state,
  n.own_zipcd as owner_zipcd,
  n.own_state_dom as owner_domicile,
  n.fidu_name as fiduciary_name,
  n.fidu_addr as fiduciary_addr1,
  n.fidu_city as fiduciary_city,
  usps(n.fidu_state) as fiduciary_state,
  n.fidu_zipcd as fiduciary_zipcd,
  n.fidu_cd as fiduciary_code,
  n.phy_addr as phy_addr1,
  n.phy_city,
  n.phy_zipcd,
  n.naics_cd as naics_code,
  n.tax_auth_cd as tax_authority_code,
  n.jv_total as just_value,
  n.av_total as assessed_value,
  n.tax_val as taxable_value,
  n.exmpt_val as exempt_value,
  n.jv_f_f_e as furniture_value,
  n.jv_lese_imp as leasehold_value,
  n.jv_pol_contrl as pollution_control_just_value,
  n.av_pol_contrl as pollution_control_assessed_value,
  n.pen_rate as penalty_rate,
  tangible_exemptions(n.exmpt) as exemptions,
  n.exmpt as exemptions_text,
  n.fil as filler,
  n.alt_key,
  n.acct_id_cng as previous_account_id,
  n.extra,
  n.seq_no as sequence_no,
  n.ts_id as submission_id
from nap n
anti join dropped d on d.record = n.record
