/** The embedded Postgres (PGlite): everything works on a laptop with nothing installed. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, type Transaction as PgliteTransaction } from '@electric-sql/pglite';
import { makeFolder } from '../forbidden.ts';
import { takeLock } from '../lake/lock.ts';
import type { Target, TargetRow, Transaction } from './target.ts';

/** Bytes that are handed over in one COPY. */
const BATCH_BYTES = 8 << 20;

/** Opens the database in `folder`. Two processes would destroy it, so one holds a lock. */
export async function openEmbedded(folder: string, create: boolean, schema = 'public'): Promise<Target> {
  const path = join(folder, 'pglite');
  const inMemory = !create && !existsSync(path);
  if (!inMemory) makeFolder(folder);
  const unlock = inMemory ? () => {} : await takeLock(join(folder, 'pglite.lock'), 'the embedded Postgres');
  const database = await (inMemory ? PGlite.create() : PGlite.create(path));
  return {
    id: 'embedded',
    label: `embedded Postgres in ${folder}`,
    schema,
    embedded: true,
    query: (sql, values) => run(database, sql, values),
    transaction: (work) => database.transaction((inner) => work(inTransaction(inner))),
    async close() {
      await database.close();
      unlock();
    },
  };
}

/** Several statements are possible without values only. */
async function run(
  database: Pick<PGlite, 'query' | 'exec'>,
  sql: string,
  values?: unknown[],
): Promise<TargetRow[]> {
  if (values) return (await database.query<TargetRow>(sql, values)).rows;
  const results = await database.exec(sql);
  return results.length === 1 ? (results[0]!.rows as TargetRow[]) : [];
}

function inTransaction(inner: PgliteTransaction): Transaction {
  return {
    query: (sql, values) => run(inner, sql, values),
    async copyIn(relation, chunks) {
      let batch: Buffer[] = [];
      let size = 0;
      const send = async () => {
        if (size === 0) return;
        await inner.query(`copy ${relation} from '/dev/blob' (format csv)`, [], { blob: new Blob(batch) });
        batch = [];
        size = 0;
      };
      for await (const chunk of chunks) {
        batch.push(chunk);
        size += chunk.length;
        if (size >= BATCH_BYTES) await send();
      }
      await send();
    },
    async *copyOut(select) {
      const { blob } = await inner.query(`copy (${select}) to '/dev/blob' (format csv)`);
      if (blob) yield Buffer.from(await blob.arrayBuffer());
    },
  };
}
