-- grain: one row: what a server says about itself, the role, and whatever may get in the way of a push. Reads only.
-- $1: the schema of the published tables.
select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int as version_number,
  current_user::text as role,
  r.rolsuper as is_superuser,
  r.rolbypassrls as bypasses_rls,
  has_database_privilege(current_database(), 'create') as may_create_schemas,
  to_regnamespace($1) is null as lacks_schema,
  coalesce(has_schema_privilege(to_regnamespace($1)::oid, 'create'), false) as may_create_tables,
  pg_is_in_recovery() as is_replica,
  current_setting('default_transaction_read_only') = 'on' as is_read_only,
  current_setting('statement_timeout') as statement_timeout,
  current_setting('lock_timeout') as lock_timeout,
  current_setting('idle_in_transaction_session_timeout') as idle_timeout,
  pg_database_size(current_database())::text as database_bytes,
  exists (select from pg_roles where rolname = 'anon') as is_supabase,
  exists (select from pg_available_extensions where name = 'pg_trgm') as has_trigram,
  (
    select split_part(setting, '=', 2)
    from pg_db_role_setting s
    join pg_roles a on a.oid = s.setrole and a.rolname = 'authenticator'
    cross join unnest(s.setconfig) setting
    where setting like 'pgrst.db_schemas=%'
    limit 1
  ) as exposed_schemas,
  (
    select count(*)::int from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and state = 'idle in transaction' and state_change < now() - interval '5 minutes'
  ) as forgotten_transactions
from pg_roles r
where r.rolname = current_user
