/** A Postgres server, direct or behind a pooler. */

import { createHash } from 'node:crypto';
import { type DorError, EXIT } from '../errors.ts';
import type { Address } from './address.ts';
import { TargetInterrupted } from './failures.ts';
import { Session } from './session.ts';
import type { Target } from './target.ts';

/**
 * Connects to a server. A lost connection fails what is running with TargetInterrupted; the next query or transaction
 * connects anew. @throws DorError (3) without the credentials when the server cannot be reached.
 */
export async function openServer(address: Address, schema: string): Promise<Target> {
  const { label, host } = address;
  let session = await Session.open(address);
  const connected = async (): Promise<Session> => {
    if (session.broken) session = await replace(session, address);
    return session;
  };
  return {
    id: `${host.replaceAll(/[^\w.-]/g, '_')}-${shortHash(label)}${schema === 'public' ? '' : `-${schema}`}`,
    label,
    schema,
    embedded: false,
    query: async (sql, values) => (await connected()).query(sql, values),
    async transaction(work) {
      const own = await connected();
      try {
        await own.begin();
        const result = await work({
          query: (sql, values) => own.query(sql, values),
          copyIn: (relation, chunks) => own.copyIn(relation, chunks),
          copyOut: (select) => own.copyOut(select),
        });
        await own.end('commit');
        return result;
      } catch (error) {
        await own.end('rollback');
        throw error;
      }
    },
    close: () => session.close(),
  };
}

/** A new connection for a lost one. That it cannot be had yet is no final answer either, unless the login is refused. */
async function replace(old: Session, address: Address): Promise<Session> {
  let session: Session;
  try {
    session = await Session.open(address);
  } catch (error) {
    const { message, remedy } = error as DorError;
    if (/password authentication|does not exist/.test(message)) throw error;
    throw new TargetInterrupted(message, remedy, EXIT.unreachable);
  }
  try {
    await session.dismiss(old);
  } catch (error) {
    // `old` stays the one that is to be replaced: the next try dismisses it again.
    await session.close();
    throw error;
  }
  await old.close();
  return session;
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
