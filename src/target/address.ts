/** Where a server is and how one gets there: the URL, the certificate authority, the credentials. */

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { DorError, EXIT } from '../errors.ts';

/** How the server proves who it is. `chain`: certificate but not host name; `unverified`: encrypted, to anybody. */
type Tls = 'off' | 'full' | 'chain' | 'unverified';

export interface Address {
  host: string;
  port: number;
  database: string;
  user?: string;
  password?: string;
  /** Loopback or a Unix socket: nothing crosses a network. */
  local: boolean;
  tls: Tls;
  ssl?: ConnectionOptions;
  /** host:port/database, for people and file names; no credentials. */
  label: string;
}

/**
 * Reads a Postgres URL. TLS is verified in full for every host that is not local, whatever `sslmode` the URL
 * says (libpq's `require` would take any certificate), except when it is switched off by name: `sslmode=disable`,
 * `no-verify`, or `verify-ca` for a chain without a host name.
 * @param caFile PEM file of the authority to trust; without it the URL's `sslrootcert`, else Node's own list.
 * @throws DorError (2) without repeating the URL, which may hold a password.
 */
export function parseAddress(url: string, caFile?: string): Address {
  const { hostname, port, username, password, pathname, searchParams } = parseUrl(url);
  const host =
    searchParams.get('host') ?? (decodeURIComponent(hostname).replace(/^\[|\]$/g, '') || 'localhost');
  const local = isLocal(host);
  const tls = tlsOf(searchParams.get('sslmode'), local);
  const number = Number(port || 5432);
  const database = decodeURIComponent(pathname.slice(1)) || 'postgres';
  return {
    host,
    port: number,
    database,
    user: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || process.env.PGPASSWORD || undefined,
    local,
    tls,
    ssl: sslOptions(tls, host, caFile ?? searchParams.get('sslrootcert') ?? undefined),
    label: `${host}:${number}/${database}`,
  };
}

function parseUrl(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
    decodeURIComponent(parsed.username + parsed.password + parsed.pathname);
  } catch {
    throw noUrl();
  }
  // An unescaped # / ? in a password ends the authority early, and a piece of the password would become the "host".
  const cut = parsed.hash !== '' || (parsed.username === '' && url.includes('@'));
  if (cut || !/^postgres(ql)?:$/.test(parsed.protocol)) throw noUrl();
  return parsed;
}

function noUrl(): DorError {
  return new DorError(
    'The target is no Postgres URL',
    'set SUPABASE_DB_URL to something like postgresql://user:password@host:5432/postgres; write # / ? @ : % in a password as %23 %2F %3F %40 %3A %25',
    EXIT.usage,
  );
}

const isLocal = (host: string) =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

function tlsOf(mode: string | null, local: boolean): Tls {
  if (mode === 'disable') return 'off';
  if (mode === 'no-verify') return 'unverified';
  if (mode === 'verify-ca') return 'chain';
  if (local && (!mode || mode === 'prefer' || mode === 'allow')) return 'off';
  return 'full';
}

function sslOptions(tls: Tls, host: string, caFile?: string): ConnectionOptions | undefined {
  if (tls === 'off') return undefined;
  // Without `host` the certificate of an IP address would be compared with "localhost".
  const options: ConnectionOptions = { host, rejectUnauthorized: tls !== 'unverified' };
  if (caFile) options.ca = readCa(caFile);
  if (tls === 'chain') options.checkServerIdentity = () => undefined;
  return options;
}

function readCa(path: string): string {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {}
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new DorError(
    `The CA file ${path} is no readable PEM certificate`,
    'Supabase offers its certificate under Project Settings → Database → SSL Configuration; name that file with --ca-file or DOR_CA_FILE',
    EXIT.usage,
  );
}

/**
 * Refuses a URL from the command line that holds a password: the list of processes and the shell's history would
 * show it to others.
 */
export function refusePassword(url: string): void {
  let found = false;
  try {
    const { password, searchParams } = new URL(url);
    found = password !== '' || searchParams.has('password');
  } catch {
    found = /:[^/@]+@/.test(url);
  }
  if (!found) return;
  throw new DorError(
    'A password on the command line can be read by everybody on this machine',
    'put the whole URL into SUPABASE_DB_URL, or only the password into PGPASSWORD',
    EXIT.usage,
  );
}
