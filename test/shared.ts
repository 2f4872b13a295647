import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const candidates = [process.env.DOR_SHARED, '../shared'].filter((path) => path !== undefined);

/** The folder with the real Broward files, when it lies beside the repository; else undefined. */
export const SHARED = candidates
  .map((path) => resolve(import.meta.dirname, '..', path))
  .find((path) => existsSync(join(path, 'data')));

/** A real file, for tests that run only when it is there (`test.runIf(SHARED)`). */
export const sharedData = (name: string) => join(SHARED ?? '', 'data', name);
