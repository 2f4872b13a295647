-- grain of `dropped`: one row per record that is not staged. Of the records of one key the first in file order that
-- breaks no error rule stays; `kept_ordinal` is where it is.
-- reads: rejects, duplicate_groups, located
-- leaves: dropped
create or replace temp table dropped as
with rejected as (
  select distinct record from rejects
),
copies as (
  select
    g.record,
    g.key,
    row_number() over by_key as copy,
    first_value(l.ordinal) over by_key as kept_ordinal
  from duplicate_groups g
  join located l on l.record = g.record
  anti join rejected r on r.record = g.record
  window by_key as (partition by g.key order by l.ordinal)
)
select record, false as duplicate, null::varchar[] as key, null::bigint as kept_ordinal from rejected
union all
select record, true, key, kept_ordinal from copies where copy > 1;
