-- grain: one row per published table or view that lets in more than it should, or whose owner is somebody else.
-- $1: the schema of the published tables.
with published as (
  select p.name, c.oid, c.relkind, c.relrowsecurity, c.relowner, c.reloptions,
    exists (
      select from pg_policies l
      where l.schemaname = $1 and l.tablename = p.name and l.policyname = 'dor_anon_read'
    ) as open_to_anon
  from dor_internal.published p
  join pg_class c on c.oid = to_regclass(quote_ident($1) || '.' || quote_ident(p.name))
),
granted as (
  select p.oid, g.rolname as role, a.privilege_type as privilege
  from published p
  join pg_class c on c.oid = p.oid
  cross join lateral aclexplode(c.relacl) a
  join pg_roles g on g.oid = a.grantee
  where g.rolname in ('anon', 'authenticated')
),
findings as (
  select name, 'row level security is off' as finding from published where relkind = 'r' and not relrowsecurity
  union all
  select name, 'the view is not security_invoker: it shows rows that its tables hide'
  from published where relkind = 'v' and not coalesce('security_invoker=true' = any (reloptions), false)
  union all
  select p.name, g.role || ' may ' || lower(string_agg(g.privilege, ', ' order by g.privilege))
  from published p
  join granted g on g.oid = p.oid
  where g.privilege <> 'SELECT'
    or (g.role = 'anon' and not exists (select from published open where open.open_to_anon))
  group by p.name, g.role
  union all
  select p.name, 'a policy that is not dor''s: ' || l.policyname
  from published p
  join pg_policies l on l.schemaname = $1 and l.tablename = p.name
  where l.policyname not in ('dor_read', 'dor_write', 'dor_anon_read')
  union all
  select quote_ident($1), r.rolname || ' may not use the schema, where others have objects, too: grant usage on it'
  from pg_roles r
  where not has_schema_privilege(r.oid, to_regnamespace(quote_ident($1)), 'usage')
    and (r.rolname in ('authenticated', 'service_role')
      or (r.rolname = 'anon' and exists (select from published open where open.open_to_anon)))
  union all
  select p.name, 'it belongs to ' || o.rolname || ', and this role may not act for that one'
  from published p
  join pg_roles o on o.oid = p.relowner
  where not pg_has_role(current_user, p.relowner, 'usage')
)
select name, finding from findings order by name, finding
