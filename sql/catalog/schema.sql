-- grain: one row per line of the description of what dor has made in a database, in reading order. Read from the
-- catalogs, so that every server version gives the same lines; sql/schema.txt is what must come out.
-- $1: the schema of the published tables; its name is left out of the lines. $2: what dor makes there, by name.
with ours as (
  select c.oid, c.relname, c.relkind, n.nspname, c.relrowsecurity, c.reloptions, c.relacl,
    case when n.nspname = $1 then '' else n.nspname || '.' end || c.relname as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v')
    and (n.nspname = 'dor_internal'
      or (n.nspname = $1 and c.relname = any ($2::text[])))
),
lines as (
  select name, 1 as part, 0 as position,
    case relkind when 'r' then 'table ' else 'view ' end || name
      || case when relrowsecurity then ' (row level security)' else '' end
      || coalesce(' (' || array_to_string(reloptions, ', ') || ')', '') as line
  from ours
  union all
  select o.name, 2, a.attnum,
    '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull and o.relkind = 'r' then ' not null' else '' end
      || case when a.attidentity <> '' then ' identity' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
  from ours o
  join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
  union all
  -- Version 18 lists NOT NULL among the constraints, too: these are above already.
  select o.name, 3, row_number() over (partition by o.name order by k.conname),
    -- Whether a name comes with its schema depends on who asks.
    '  constraint ' || k.conname || ' ' || regexp_replace(pg_get_constraintdef(k.oid), ' REFERENCES \S+\.', ' REFERENCES ')
  from ours o
  join pg_constraint k on k.conrelid = o.oid and k.contype in ('p', 'u', 'f', 'c')
  union all
  select o.name, 4, row_number() over (partition by o.name order by x.relname),
    '  index ' || x.relname || ' '
      || regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX \S+ ON \S+ ', '\1')
  from ours o
  join pg_index i on i.indrelid = o.oid
  join pg_class x on x.oid = i.indexrelid
  where not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  union all
  select o.name, 5, row_number() over (partition by o.name order by t.tgname),
    '  trigger ' || t.tgname || ' '
      || regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER \S+ (.*) ON \S+ ', '\1 ')
  from ours o
  join pg_trigger t on t.tgrelid = o.oid and not t.tgisinternal
  union all
  select o.name, 6, row_number() over (partition by o.name order by p.policyname),
    '  policy ' || p.policyname || ' for ' || lower(p.cmd) || ' to ' || array_to_string(p.roles, ', ')
      || coalesce(' using ' || p.qual, '') || coalesce(' with check ' || p.with_check, '')
  from ours o
  join pg_policies p on p.schemaname = o.nspname and p.tablename = o.relname
  union all
  select o.name, 7, row_number() over (partition by o.name order by r.role),
    '  grant ' || r.rights || ' to ' || r.role
  from ours o
  cross join lateral (
    select coalesce(g.rolname, 'public') as role, lower(string_agg(a.privilege_type, ', ' order by a.privilege_type)) as rights
    from aclexplode(o.relacl) a
    left join pg_roles g on g.oid = a.grantee
    where a.grantee <> (select relowner from pg_class where oid = o.oid)
    group by 1
  ) r
  union all
  select o.name, 8, 0, '  comment ' || d.description
  from ours o
  join pg_description d on d.objoid = o.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
  union all
  select 'dor_internal.~' || p.proname, 9, 0,
    'function dor_internal.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ') returns '
      || pg_get_function_result(p.oid) || ', source ' || left(md5(p.prosrc), 12)
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'dor_internal'
)
select line from lines order by name, part, position
