-- Who may read and write. Supabase's default privileges give everything on a new table of public to anon and
-- authenticated, TRUNCATE included, which row level security does not stop: so all is taken away first, then given.
--   owner          writes (row level security does not bind it)
--   service_role   reads and writes, with or without BYPASSRLS
--   authenticated  reads
--   anon           nothing at all, an error and not an empty answer, unless it is let in: reads
-- Roles that a server does not have are passed over; call it again when they have come (`dor migrate` does).

-- grain: one row per published table or view, in the order in which locks are taken: that of a push.
create table dor_internal.published (
  ordinal integer primary key,
  name text not null unique
);
alter table dor_internal.published enable row level security;
insert into dor_internal.published (ordinal, name) values
  (10, 'dor_sales'),
  (20, 'dor_properties'),
  (30, 'dor_tangible'),
  (40, 'dor_medians'),
  (50, 'dor_partitions'),
  (60, 'dor_counties'),
  (110, 'dor_properties_current'),
  (120, 'dor_sales_current'),
  (130, 'dor_tangible_current');

-- let_anon_read: true lets anon read, false does not, null leaves it as it is.
create function dor_internal.apply_access(let_anon_read boolean default null) returns void
language plpgsql set search_path from current as $$
declare
  published record;
  reader text;
  open_to_anon boolean := coalesce(let_anon_read, exists (
    select from pg_policies where schemaname = current_schema() and policyname = 'dor_anon_read'
  ));
begin
  revoke all on schema dor_internal from public;
  revoke all on all tables in schema dor_internal from public;
  revoke all on all routines in schema dor_internal from public;
  for reader in select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    execute format('revoke all on schema dor_internal from %I', reader);
    execute format('revoke all on all tables in schema dor_internal from %I', reader);
    execute format('revoke all on all routines in schema dor_internal from %I', reader);
    if current_schema() <> 'public' then
      execute format(
        case when reader = 'anon' and not open_to_anon then 'revoke usage on schema %I from %I'
          else 'grant usage on schema %I to %I' end,
        current_schema(), reader);
    end if;
  end loop;
  for published in
    select p.name, c.relkind = 'r' as is_table
    from dor_internal.published p
    join pg_class c on c.oid = to_regclass(format('%I.%I', current_schema(), p.name))
    order by p.ordinal
  loop
    execute format('revoke all on %I from public', published.name);
    if published.is_table then
      execute format('alter table %I enable row level security', published.name);
      execute format('drop policy if exists dor_read on %I', published.name);
      execute format('drop policy if exists dor_write on %I', published.name);
      execute format('drop policy if exists dor_anon_read on %I', published.name);
    end if;
    for reader in select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
      execute format('revoke all on %I from %I', published.name, reader);
      continue when reader = 'anon' and not open_to_anon;
      execute format('grant select on %I to %I', published.name, reader);
      continue when not published.is_table;
      if reader = 'service_role' then
        execute format('grant insert, update, delete on %I to service_role', published.name);
        execute format('create policy dor_write on %I for all to service_role using (true) with check (true)',
          published.name);
      else
        execute format('create policy %I on %I for select to %I using (true)',
          case reader when 'anon' then 'dor_anon_read' else 'dor_read' end, published.name, reader);
      end if;
    end loop;
  end loop;
end
$$;
