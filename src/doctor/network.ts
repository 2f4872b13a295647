/** The way to the server: name, address family, TLS, login, pooler. */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { DorError } from '../errors.ts';
import type { Address } from '../target/address.ts';
import { Session } from '../target/session.ts';
import { type Diagnosis, fail, ok, unknown, warn } from './diagnosis.ts';

/** Findings in their order; the last one is a failure when the rest cannot be looked at. */
export async function checkNetwork(address: Address): Promise<Diagnosis[]> {
  const findings = await checkName(address);
  const started = performance.now();
  let session: Session;
  try {
    session = await Session.open(address);
  } catch (error) {
    const { message, remedy } = error as DorError;
    return [...findings, fail('reachable', message, remedy ?? '')];
  }
  try {
    findings.push(
      ok('reachable', `${address.label}, login in ${Math.round(performance.now() - started)} ms`),
    );
    findings.push(await checkTls(address, session));
    findings.push(await checkPooler(address, session));
  } catch (error) {
    findings.push(fail('reachable', (error as Error).message, error instanceof DorError ? error.remedy : ''));
  } finally {
    await session.close();
  }
  return findings;
}

async function checkName({ host }: Address): Promise<Diagnosis[]> {
  if (host.startsWith('/') || isIP(host)) return [];
  const addresses = await lookup(host, { all: true }).catch(() => []);
  if (addresses.length === 0) return [];
  const families = [...new Set(addresses.map(({ family }) => `IPv${family}`))].sort();
  if (families.includes('IPv4')) return [ok('name', `${host} has ${families.join(' and ')}`)];
  return [
    warn(
      'name',
      `${host} has IPv6 only: many networks cannot reach it`,
      "use the session pooler of the dashboard's Connect page",
    ),
  ];
}

async function checkTls({ tls, local }: Address, session: Session): Promise<Diagnosis> {
  // Behind a pooler this is the pooler's way to the server, so what we did ourselves is what counts.
  const [row] = await session.query('select version from pg_stat_ssl where pid = pg_backend_pid()');
  const protocol = row?.version ? ` (${row.version})` : '';
  if (tls === 'full') return ok('tls', `certificate and host name verified${protocol}`);
  if (tls === 'chain')
    return warn('tls', 'the certificate is verified, the host name is not', 'leave out sslmode=verify-ca');
  if (tls === 'unverified')
    return warn(
      'tls',
      'encrypted, but the server may be anybody',
      'leave out sslmode=no-verify; name the authority with --ca-file',
    );
  if (local) return ok('tls', 'off: the server is on this machine');
  return warn('tls', 'off: rows and password cross the network readable', 'leave out sslmode=disable');
}

async function checkPooler(address: Address, session: Session): Promise<Diagnosis> {
  if (!(await session.isPooled())) return ok('pooler', 'none, a direct connection');
  const mode = await poolMode(address, session);
  if (mode === 'session') return ok('pooler', 'in between, in session mode');
  if (mode === 'transaction')
    return ok('pooler', 'in between, in transaction mode: nothing is kept outside transactions');
  return unknown(
    'pooler',
    'in between; its mode did not show: a second connection was not given a server',
    'its pool may have one connection only: close others or enlarge it, because dor watches over a push with a second one',
  );
}

/**
 * In session mode a client keeps its server process. In transaction mode it takes what is free: when another client
 * holds the process that it had, it gets a different one.
 */
async function poolMode(address: Address, first: Session): Promise<'session' | 'transaction' | null> {
  const processOf = async (session: Session) =>
    (await session.query('select pg_backend_pid() as pid'))[0]?.pid;
  const seen = new Set([await processOf(first)]);
  const second = await Session.open(address);
  try {
    const held = second.begin().then(() => true);
    if (!(await within(3000, held))) return null;
    for (let n = 0; n < 3 && !seen.has(null); n++) seen.add(await within(3000, processOf(first)));
    await second.end('rollback');
    if (seen.has(null)) return null;
    return seen.size > 1 ? 'transaction' : 'session';
  } finally {
    await second.close();
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  work.catch(() => {});
  return Promise.race([work, new Promise<null>((resolve) => setTimeout(() => resolve(null), ms).unref())]);
}
