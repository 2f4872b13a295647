-- grain: one row per dead letter of a county, as it may be shown. Text and detail of a confidential record are not: its
-- text says so itself, or it holds the id of a parcel that the staged roll flags (sales have no owners). Line and
-- file stay, so that whoever may see it finds it.
-- param: county
-- param: hide_text
with flagged as (
  select
    r.*,
    confidential(r.text) or exists (from confidential_parcels c where contains(r.text, c.parcel_id)) as is_confidential
  from rejected r
  where r.county = getvariable('county')
)
select
  dataset, year, kind, rule, line, message,
  case when is_confidential then '(confidential)' when getvariable('hide_text') then '(redacted)' else detail end as detail,
  file, member,
  case when is_confidential then '(confidential)' when getvariable('hide_text') then '(redacted)' else text end as text
from flagged
order by dataset, year, line, rule
