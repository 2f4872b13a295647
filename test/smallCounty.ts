/** The rolls of a small county as CSV, for tests that spoil some of their rows. */

import { join } from 'node:path';
import { findCounty } from '../src/reference.ts';
import { generateSample } from '../src/sample.ts';

/** Writes them into the inbox of a data folder. */
export const smallCounty = (data: string, rows: number) =>
  generateSample({
    out: join(data, 'inbox'),
    county: findCounty('union'),
    year: 2025,
    rows,
    seed: 3,
    format: 'csv',
  });

/** A line of such a file, whatever the cells hold. */
export const csvLine = (cells: string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
