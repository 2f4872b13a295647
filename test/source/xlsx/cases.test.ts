import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../workspace.ts';
import { readAll } from './reading.ts';

const folder = join(ROOT, 'test/cases/xlsx');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.xlsx'))
  .map((name) => name.slice(0, -5));

describe('each odd workbook is read as its CSV says', () => {
  test.each(names)('%s', async (name) => {
    const expected = readFileSync(join(folder, `${name}.csv`), 'utf8');
    expect(await readAll(join(folder, `${name}.xlsx`))).toBe(expected);
  });

  test.each(names)('%s, wherever its chunks are cut', async (name) => {
    const expected = readFileSync(join(folder, `${name}.csv`), 'utf8');
    for (const size of [1, 2, 3, 5, 7, 11, 13, 17, 31, 64, 129, 257, 300, 511, 1000]) {
      expect(await readAll(join(folder, `${name}.xlsx`), size), `chunks of ${size}`).toBe(expected);
    }
  });
});
