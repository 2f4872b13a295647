/** A PostgreSQL server as Supabase sets it up: its roles, its default privileges, an owner that is no superuser. */

import { rows, type ServerOptions, startServer, type TestServer } from './server.ts';

/** Of the whole server. The timeouts are Supabase's own. */
const ROLES = `
  create role postgres login password 'secret-word' createrole createdb replication bypassrls;
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  create role authenticator login noinherit password 'secret-word';
  grant anon, authenticated, service_role to authenticator, postgres;
  alter role postgres set statement_timeout = '2min';
  alter role anon set statement_timeout = '3s';
  alter role authenticated set statement_timeout = '8s';
  alter role authenticator set pgrst.db_schemas = 'public, graphql_public';`;

/** Of a database: everything that the owner makes in public belongs to everybody, unless it is taken away. */
const PRIVILEGES = `
  create schema extensions authorization postgres;
  grant usage on schema public, extensions to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on tables to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on functions to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public
    grant all on sequences to anon, authenticated, service_role;`;

/** Databases are handed out with the URL of their owner, `postgres`. */
export async function startSupabase(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ ...options, superuser: 'supabase_admin' });
  await rows(await server.createDatabase('roles'), ROLES);
  return {
    ...server,
    async createDatabase(name) {
      const url = await server.createDatabase(name);
      await rows(url, `alter database ${name} owner to postgres; ${PRIVILEGES}`);
      return asRole(url, 'postgres');
    },
  };
}

/** The same database for another role that may log in. */
export const asRole = (url: string, role: string) => url.replace(/\/\/\w+:/, `//${role}:`);
