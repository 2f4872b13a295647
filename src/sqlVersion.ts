/** The version of everything that decides what a staged row looks like. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REFERENCE, ROOT, SQL } from './lake/paths.ts';

const STEPS = ['load', 'validate', 'normalize', 'enrich', 'stage'];

/** 12 hex digits over the names and texts of all transforms and reference files. */
export function sqlVersion(): string {
  const hash = createHash('sha256');
  for (const folder of [...STEPS.map((step) => join(SQL, step)), REFERENCE]) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const path of names.filter((name) => /\.(sql|csv)$/.test(name)).map((name) => join(folder, name))) {
      hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 12);
}
