/** Where the project's own things lie: what is installed, and never written to by a run. */

import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
export const SQL = join(ROOT, 'sql');
export const REFERENCE = join(ROOT, 'data/reference');
export const SAMPLE = join(ROOT, 'data/sample');
