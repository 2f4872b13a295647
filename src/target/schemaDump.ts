/** What dor has made in a target, as text that can be compared: sql/schema.txt is what it must be. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SQL } from '../lake/paths.ts';
import type { Target } from './target.ts';

/** Tables, views, keys, indexes, policies and grants, one a line, the same on every server version. */
export async function dumpSchema(target: Target): Promise<string> {
  const sql = readFileSync(join(SQL, 'catalog/schema.sql'), 'utf8');
  const rows = await target.query(sql, [target.schema]);
  return rows.map(({ line }) => `${line}\n`).join('');
}
