-- grain of `located`: one row per record that is looked for, with its ordinal (from 0) among the well-formed records.
-- The file is read in order here, which is slow and therefore only done when a row was rejected. Rows with the same
-- text are copies of each other and break the same rules, so any pairing of such records and ordinals is right.
-- param: dataset
-- reads: rejects, duplicate_groups, source
-- leaves: located
create or replace temp table located as
with asked as (
  select record from rejects
  union
  select record from duplicate_groups
),
wanted as (
  select q.record, q.line_hash, row_number() over (partition by q.line_hash order by q.record) as copy
  from query_table(getvariable('dataset')) q
  semi join asked a on a.record = q.record
),
ordered as (
  select row_number() over () - 1 as ordinal, line_hash from source
),
found as (
  select ordinal, line_hash, row_number() over (partition by line_hash order by ordinal) as copy
  from ordered
  where line_hash in (select line_hash from wanted)
)
select w.record, f.ordinal
from wanted w
join found f on f.line_hash = w.line_hash and f.copy = w.copy;
