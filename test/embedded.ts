/** The embedded Postgres before anything was published to it. */

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { ROOT } from '../src/project.ts';

const CACHE = join(ROOT, 'node_modules/.cache/dor-test');

/**
 * Puts an empty database into a target folder. To make one takes seconds of CPU, to copy one next to none: the first
 * test of this installation makes it. Tests of how a target begins let the program make its own.
 */
export async function putEmbedded(target: string): Promise<void> {
  const { version } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules/@electric-sql/pglite/package.json'), 'utf8'),
  );
  const made = join(CACHE, `pglite-${version}`);
  if (!existsSync(made)) {
    const aside = `${made}-${process.pid}`;
    mkdirSync(CACHE, { recursive: true });
    await (await PGlite.create(aside)).close();
    if (existsSync(made)) rmSync(aside, { recursive: true });
    else renameSync(aside, made);
  }
  cpSync(made, join(target, 'pglite'), { recursive: true });
}
