/** The embedded Postgres, with its schema, before anything was published to it. */

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SQL } from '../src/project.ts';
import { openEmbedded } from '../src/target/embedded.ts';
import { migrate } from '../src/target/migrate.ts';

const CACHE = join(ROOT, 'node_modules/.cache/dor-test');
/** What decides how a new target looks. */
const DECIDING = [
  join(SQL, 'migrations'),
  join(ROOT, 'src/target'),
  join(ROOT, 'node_modules/@electric-sql/pglite/package.json'),
];

/**
 * Puts a database without rows into a target folder. To make one takes seconds of CPU, to copy one next to none: the
 * first test that needs it makes it. Tests of how a target begins let the program make its own.
 */
export async function putEmbedded(target: string): Promise<void> {
  const made = join(CACHE, `target-${version()}`);
  if (!existsSync(made)) {
    const aside = `${made}-${process.pid}`;
    mkdirSync(CACHE, { recursive: true });
    const database = await openEmbedded(aside, true);
    await migrate(database);
    await database.close();
    if (existsSync(made)) rmSync(aside, { recursive: true });
    else renameSync(aside, made);
  }
  cpSync(made, target, { recursive: true });
}

function version(): string {
  const hash = createHash('sha256');
  for (const path of DECIDING.flatMap(filesIn)) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}

const filesIn = (path: string): string[] =>
  path.endsWith('.json')
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
