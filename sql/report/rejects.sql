-- grain: one row per dead letter of a county, as it may be shown. Text and detail of a confidential record are not: its
-- text says so itself, or it is of a parcel or account of which another record says so (sales have no owners). Where no id could be
-- read, the text is searched for one. Line and file stay, so that whoever may see it finds it.
-- param: county
-- param: hide_text
-- reads: rejected, confidential_keys
with letters as (
  select * from (select null::varchar as record_id where false union all by name from rejected) where county = getvariable('county')
),
naming as (
  select distinct l.text from letters l join confidential_keys c on mentions(l.text, c.key) where l.record_id is null
),
flagged as (
  select
    *,
    confidential(text)
    or of_confidential(record_id)
    or coalesce(text in (from naming), false) as is_confidential
  from letters
)
select
  dataset, year, kind, rule, line, message,
  case when is_confidential then '(confidential)' when getvariable('hide_text') then '(redacted)' else detail end as detail,
  file, member,
  case when is_confidential then '(confidential)' when getvariable('hide_text') then '(redacted)' else text end as text
from flagged
order by dataset, year, line, rule
