/** What a server's failure means, and what a person does about it. */

import { lookup } from 'node:dns/promises';
import { hideCredentials } from '../credentials.ts';
import { DorError, EXIT } from '../errors.ts';
import type { Address } from './address.ts';

/** The connection is gone, or the server asks to try again: the whole transaction was rolled back and may be repeated. */
export class TargetInterrupted extends DorError {
  override name = 'TargetInterrupted';
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code ?? '');
const textOf = (error: Error) => hideCredentials(error.message || codeOf(error));

const SUPABASE_POOLER =
  "the direct host db.<project>.supabase.co has an IPv6 address only; use the session pooler of the dashboard's Connect page: postgresql://postgres.<project>:…@aws-…-<region>.pooler.supabase.com:5432/postgres";

/** In this order: the first that fits. */
const REMEDIES: [RegExp, string][] = [
  [
    /tenant or user not found/i,
    "the pooler knows projects by the user name: it must be postgres.<project>, and the host must be that of the project's region (aws-0-… and aws-1-… differ); copy the URL from the dashboard's Connect page",
  ],
  [
    /28P01|password authentication failed|28000|SASL/i,
    'check user and password in SUPABASE_DB_URL (write special characters as %23 and so on)',
  ],
  [/3D000/, 'the database does not exist: check the end of SUPABASE_DB_URL; at Supabase it is postgres'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|DEPTH_ZERO|CERT_UNTRUSTED/,
    "the server's certificate comes from an authority that this machine does not know: download Supabase's under Project Settings → Database → SSL Configuration and name it with --ca-file or DOR_CA_FILE",
  ],
  [/ALTNAME_INVALID/, 'the certificate belongs to another host: use the host name that it was made for'],
  [/CERT_HAS_EXPIRED/, "the server's certificate has expired: renew it there"],
  [
    /does not support SSL/i,
    'the server offers no TLS: only inside a network that you trust, add ?sslmode=disable',
  ],
  [/53300|too many (clients|connections)|max client/i, 'all connections are taken: wait, or use the pooler'],
  [
    /57P03|starting up|shutting down/i,
    'the server is starting or stopping: wait a minute and run the command again',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'no such host: check the name in SUPABASE_DB_URL; a paused Supabase project has none',
  ],
  [/ECONNREFUSED/, 'nothing listens there: check host and port, and that the server runs'],
];

/** Why nobody could connect. */
export async function unreachable(address: Address, error: Error): Promise<DorError> {
  const described = `${codeOf(error)} ${error.message}`;
  const found = REMEDIES.find(([pattern]) => pattern.test(described))?.[1];
  const network = /ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|ETIMEDOUT|timeout|ENOTFOUND/i.test(described);
  const remedy = network && (await isIpv6Only(address.host)) ? SUPABASE_POOLER : found;
  return new DorError(
    `The target ${address.label} cannot be reached: ${textOf(error)}`,
    remedy ?? 'check SUPABASE_DB_URL, the network and the server, then run the command again',
    EXIT.unreachable,
  );
}

/** The direct hosts of Supabase have an AAAA record and no A record. */
async function isIpv6Only(host: string): Promise<boolean> {
  if (/^db\.[a-z0-9]+\.supabase\.co$/.test(host) || host.includes(':')) return true;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.length > 0 && addresses.every(({ family }) => family === 6);
}

/** The connection was there and is lost. */
export function lost(label: string, error: Error): TargetInterrupted {
  return new TargetInterrupted(
    `The connection to ${label} was lost: ${textOf(error)}`,
    'run the command again; whatever was not committed was rolled back, nothing was left half done',
    EXIT.unreachable,
  );
}

/** Class 08 (connection), 57P (shutdown, crash) and socket errors. */
export function isConnectionError(error: Error): boolean {
  const socket = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOST|ENET|ERR_STREAM)/.test(codeOf(error));
  return (
    socket ||
    /^(08|57P|53300)/.test(codeOf(error)) ||
    /Connection terminated|connection was closed|not queryable/i.test(error.message)
  );
}

/** Errors of the server that a person can do something about; others pass as they are. */
export function translate(label: string, error: Error): Error {
  const known = {
    '40P01': retry,
    '40001': retry,
    '57014': stop(
      'a statement was cancelled',
      'if nobody cancelled it, a statement timeout did: see dor doctor; nothing was written',
    ),
    '55P03': stop(
      'a lock was not given in time',
      'another session is at work on the table; wait for it and run the command again',
      EXIT.busy,
    ),
    '42501': stop(
      'permission denied',
      'connect as the role that owns the tables (at Supabase: postgres); see dor doctor',
    ),
    '25006': stop(
      'the database is read-only',
      "Supabase does this when the disk is full: see the dashboard's Database → Disk; a replica is always so",
    ),
    '54000': stop(
      'a value is too long for an index, or for another limit of the server',
      'no roll has such texts (rules N47, S41, P46): dor drift shows what others wrote and --repair takes it back, an ingest replaces what an older version published; dor migrate then builds the indexes',
    ),
    '2BP01': stop(
      "somebody's object depends on one that a newer version of dor replaces",
      'drop it, run the command again, and make it anew',
    ),
    '53100': stop("the server's disk is full", 'enlarge it; nothing was written'),
    '42P07': stop('a relation of that name exists', 'rename it, or publish to another schema with --schema'),
  }[codeOf(error)];
  return known ? known(label, error) : error;
}

type Translation = (label: string, error: Error) => DorError;

const retry: Translation = (label, error) =>
  new TargetInterrupted(`${label} asks to try again: ${textOf(error)}`, 'run the command again', EXIT.busy);

function stop(what: string, remedy: string, code: number = EXIT.gate): Translation {
  return (label, error) =>
    new DorError(`${label}: ${what}: ${textOf(error)}`, remedy, code, { cause: error });
}
