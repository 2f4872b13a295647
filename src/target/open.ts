/** Which Postgres is the target, and the way into it. */

import { DorError, EXIT } from '../errors.ts';
import { parseAddress, refusePassword } from './address.ts';
import type { Target } from './target.ts';

/** What may be said about a target beside its URL; each falls back to the environment. */
export interface TargetSettings {
  /** Schema of the published tables; DOR_SCHEMA, else public. */
  schema?: string;
  /** PEM file of the authority that signed the server's certificate; DOR_CA_FILE, else the URL's sslrootcert. */
  caFile?: string;
}

/**
 * URL of the server: the flag's, which must not hold a password, else that of the environment; undefined for the
 * embedded one.
 */
export function targetUrl(flag?: string): string | undefined {
  if (flag) refusePassword(flag);
  return flag || process.env.SUPABASE_DB_URL || undefined;
}

/**
 * Opens the target. @param url Postgres URL; without one the embedded Postgres in `folder` is used.
 * @param create whether the embedded one may be made; else an empty one in memory stands for what is not there.
 * @throws DorError with exit code 3 when it cannot be reached; the message never holds the password.
 */
export async function openTarget(
  url: string | undefined,
  folder: string,
  create: boolean,
  settings: TargetSettings = {},
): Promise<Target> {
  const schema = settings.schema ?? process.env.DOR_SCHEMA ?? 'public';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || /^(dor_internal$|pg_|information_schema$)/.test(schema)) {
    throw new DorError(
      `"${schema}" cannot be the schema of the published tables`,
      'take a lower-case name of letters, digits and underscores that is not a system schema',
      EXIT.usage,
    );
  }
  // Either driver takes a while to load, and one is enough.
  if (!url) return (await import('./embedded.ts')).openEmbedded(folder, create, schema);
  const { openServer } = await import('./server.ts');
  return openServer(parseAddress(url, settings.caFile ?? process.env.DOR_CA_FILE), schema);
}
