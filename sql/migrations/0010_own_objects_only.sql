-- Rights are set on what dor has made and on nothing else; and what the ledger says of the partitions can be told from
-- what dor_partitions says, which all views of the newest roll depend on, and set right.

-- let_anon_read: true lets anon read, false does not, null leaves it as it is.
create or replace function dor_internal.apply_access(let_anon_read boolean default null) returns void
language plpgsql set search_path from current as $$
declare
  published record;
  reader text;
  -- Only a schema that is ours alone is opened and closed: whoever else lives there has granted its usage.
  is_ours boolean := current_schema() <> 'public'
    and not exists (
      select from pg_class c
      where c.relnamespace = to_regnamespace(quote_ident(current_schema())) and c.relkind in ('r', 'v', 'm', 'f', 'p', 'S')
        and c.relname not in (select p.name from dor_internal.published p)
    )
    and not exists (select from pg_proc f where f.pronamespace = to_regnamespace(quote_ident(current_schema())));
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
    if is_ours then
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

-- grain: one row per partition that dor_partitions lacks or says something else of than the ledger. Partitions that only
-- dor_partitions knows stay as they are: the ledger may have been lost.
create or replace function dor_internal.wrong_partitions() returns table (
  table_name text, county_no smallint, year smallint, row_count bigint, stage text, submission text,
  published_at timestamptz, is_newest boolean, spelled_by_app text
)
language sql stable set search_path from current as $$
  with ledger as (
    select distinct on (l.table_name, l.county_no, l.year)
      l.table_name, l.county_no, l.year, l.row_count, l.stage, l.submission, l.published_at, c.spelled_by_app
    from dor_internal.publications l
    join dor_counties c on c.county_no = l.county_no
    order by l.table_name, l.county_no, l.year, l.id desc
  ),
  known as (
    select * from ledger
    union all
    select p.table_name, p.county_no, p.year, p.row_count, p.stage, p.submission, p.published_at, p.spelled_by_app
    from dor_partitions p
    where not exists (
      select from ledger l where l.table_name = p.table_name and l.county_no = p.county_no and l.year = p.year
    )
  ),
  should as (
    select k.table_name, k.county_no, k.year, k.row_count, k.stage, k.submission, k.published_at,
      coalesce(k.row_count > 0 and k.year = max(k.year) filter (where k.row_count > 0)
        over (partition by k.table_name, k.county_no), false) as is_newest,
      k.spelled_by_app
    from known k
  )
  select s.*
  from should s
  left join dor_partitions p on p.table_name = s.table_name and p.county_no = s.county_no and p.year = s.year
  where p.table_name is null
    or (p.row_count, p.stage, p.submission, p.published_at, p.is_newest)
      is distinct from (s.row_count, s.stage, s.submission, s.published_at, s.is_newest)
$$;

-- Returns how many partitions were set right. No push commits meanwhile: it would be undone by what was read before it.
create or replace function dor_internal.mend_partitions() returns bigint
language plpgsql set search_path from current as $$
declare
  mended bigint;
begin
  lock table dor_partitions in share row exclusive mode;
  insert into dor_partitions
    (table_name, county_no, year, row_count, stage, submission, published_at, is_newest, spelled_by_app)
  select table_name, county_no, year, row_count, stage, submission, published_at, is_newest, spelled_by_app
  from dor_internal.wrong_partitions()
  on conflict (table_name, county_no, year) do update set
    row_count = excluded.row_count,
    stage = excluded.stage,
    submission = excluded.submission,
    published_at = excluded.published_at,
    is_newest = excluded.is_newest;
  get diagnostics mended = row_count;
  return mended;
end
$$;
