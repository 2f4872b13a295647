/** The version of everything that decides what a staged row looks like, or whether a record becomes one. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REFERENCE, ROOT, SQL } from './project.ts';

const STEPS = ['load', 'validate', 'reject', 'normalize', 'enrich', 'stage'];
/** Readers of files, and the steps whose TypeScript chooses what the SQL gets to see. */
const CODE = [
  'source',
  'steps/read.ts',
  'steps/load.ts',
  'steps/validate.ts',
  'steps/reject.ts',
  'steps/stage.ts',
  'rolls.ts',
  'rules.ts',
  'reference.ts',
];

/** All these files, sorted within their folders. */
export function decidingFiles(): string[] {
  const folders = [...STEPS.map((step) => join(SQL, step)), REFERENCE];
  const code = CODE.map((name) => join(ROOT, 'src', name));
  return [
    ...folders.flatMap((folder) => filesIn(folder, /\.(sql|csv)$/)),
    ...code.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(path, /\.ts$/))),
  ];
}

/** 12 hex digits over their names and texts. */
export function sqlVersion(): string {
  const hash = createHash('sha256');
  for (const path of decidingFiles())
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 12);
}

const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(folder, name));
