-- grain of `dead_letters`: one row per rejected record and broken rule, or per later copy of a key, or per record
-- that is no row at all. `line` is the 1-based line in the source file, `text` the record as it stands there; of a
-- workbook `line` is the row of the `sheet`, and the text is the row as CSV. `record_id` is its parcel or account, where that
-- can be read: nothing shows that of a confidential one.
-- param: dataset
-- param: texts
-- param: structure
-- param: duplicate_rule
-- reads: rejects, dropped, located
-- leaves: texts, dead_letters
create or replace temp table texts as
select ordinal, line, sheet, text
from read_json(
  getvariable('texts'), format = 'newline_delimited', maximum_object_size = 16777216,
  columns = {ordinal: 'bigint', line: 'bigint', sheet: 'varchar', text: 'varchar'}
);

create or replace temp table dropped_ids as
select record, coalesce(parcel_id, acct_id) as record_id
from (
  select null::bigint as record, null::varchar as parcel_id, null::varchar as acct_id where false
  union all by name
  from query_table(getvariable('dataset'))
)
where record in (select record from dropped);

create or replace temp table dead_letters as
select 'rule' as kind, t.line, r.rule, r.message, r.detail, t.text, t.sheet, p.record_id
from rejects r
left join dropped_ids p on p.record = r.record
left join located l on l.record = r.record
left join texts t on t.ordinal = l.ordinal
union all
select
  'duplicate',
  t.line,
  getvariable('duplicate_rule'),
  'another row of this file has the same key and comes first',
  'key ' || array_to_string(d.key, ' ') || ', kept from line ' || coalesce(kept.sheet || '!', '') || kept.line,
  t.text,
  t.sheet,
  p.record_id
from dropped d
left join dropped_ids p on p.record = d.record
join located l on l.record = d.record
left join texts t on t.ordinal = l.ordinal
left join texts kept on kept.ordinal = d.kept_ordinal
where d.duplicate
union all
select 'structure', s.line, s.rule, s.message, null, s.text, s.sheet, null
from read_json(
  getvariable('structure'), format = 'newline_delimited', maximum_object_size = 16777216,
  columns = {line: 'bigint', rule: 'varchar', message: 'varchar', text: 'varchar', sheet: 'varchar'}
) s;
