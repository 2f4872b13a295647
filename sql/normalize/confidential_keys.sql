-- grain: one row per key of a parcel or account that is confidential: a staged roll flags it, or a dead letter says so.
-- Where such a letter is no row, everything in it that looks like an id counts.
-- reads: telling_rolls, telling_letters
with told as (
  select id_key(coalesce(parcel_id, account_id)) as key from telling_rolls where is_confidential
  union all
  select unnest(case when record_id is null then id_keys_in(text) else [id_key(record_id)] end)
  from telling_letters
  where confidential(text)
)
select distinct key from told where key is not null
