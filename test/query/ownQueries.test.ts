import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deleteQuery, describeSaved, savedQueries, savedQuery, saveQuery } from '../../src/query/saved.ts';

test("a person's own queries: kept, listed, replaced, deleted, and no way out of their folder", () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'dor-own-')), 'queries');
  expect(savedQueries(folder).some(({ own }) => own)).toBe(false);
  const sql = '-- title: Top holders\n-- param: n = 1 -- how many\nselect $n';
  expect(saveQuery(folder, ' Größte   Halter ../x', sql)).toMatchObject({
    name: 'gro-te-halter-x',
    own: true,
  });
  saveQuery(folder, 'Größte Halter: x', 'select 2');
  expect(savedQuery('gro-te-halter-x', folder)).toMatchObject({ title: 'Größte Halter: x', own: true });
  expect(readdirSync(folder)).toEqual(['gro-te-halter-x.sql']);
  expect(describeSaved(folder)).toMatch(/\ngro-te-halter-x\n {4}Größte Halter: x\n/);
  expect(saveQuery(folder, 'x', sql).parameters).toHaveLength(1);
  expect(() => saveQuery(folder, 'Top holders', 'select 1')).toThrow(/come with dor/);
  expect(() => saveQuery(folder, '…', 'select 1')).toThrow(/is no name/);
  expect(() => saveQuery(folder, 'x', ' ')).toThrow(/no query/);
  expect(() => deleteQuery(folder, 'top-holders')).toThrow(/no query of yours/);
  writeFileSync(join(folder, 'Not Ours.sql'), 'select 1');
  symlinkSync(join(folder, 'x.sql'), join(folder, 'link.sql'));
  deleteQuery(folder, 'x');
  expect(
    savedQueries(folder)
      .filter(({ own }) => own)
      .map(({ name }) => name),
  ).toEqual(['gro-te-halter-x']);
});
