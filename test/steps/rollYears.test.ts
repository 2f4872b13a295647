/** Columns that came with a later roll: since and until of fields.csv. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import { type Field, fields, findCounty, isInRoll } from '../../src/reference.ts';
import { generateSample } from '../../src/sample.ts';
import { ingestHere, linesOf } from '../inProcess.ts';
import { csvLine } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** Exemptions of the Live Local Act: the rolls have them since 2024. */
const LATER = ['EXMPT_43', 'EXMPT_44', 'EXMPT_45', 'EXMPT_46'];

/** A NAL of the year in the inbox, after its header and cells were changed. */
async function nalOf(data: string, year: number, change: (cells: string[], line: number) => string[]) {
  const county = findCounty('union');
  const out = join(data, 'inbox');
  const options = { out, county, year, rows: 200, seed: 3, format: 'csv', datasets: ['nal'] } as const;
  const [file] = await generateSample(options);
  const lines = readFileSync(file!.path, 'utf8').trim().split('\r\n').map(splitLine).map(change);
  writeFileSync(file!.path, `${lines.map(csvLine).join('\r\n')}\r\n`);
  return lines[0]!;
}

const ingestNal = async (data: string) => {
  const { stderr, manifests, refused } = await ingestHere(data, { county: 'union', push: false });
  return { stderr, manifest: manifests[0], refused: JSON.stringify(refused) };
};

const without = (name: string) => {
  let at = -1;
  return (cells: string[], line: number) => {
    if (line === 0) at = cells.indexOf(name);
    return cells.filter((_, index) => index !== at);
  };
};

test('a field is in the rolls from its first year to its last, and in all when the year is not known', () => {
  const field = { since: 2010, until: 2012 } as Field;
  const years = [2009, 2010, 2012, 2013, Number.NaN];
  expect(years.map((year) => isInRoll(field, year))).toEqual([false, true, true, false, true]);
  expect(isInRoll({ since: null, until: null } as Field, 1999)).toBe(true);
});

test('a roll from before a column came is taken without it, and nothing is said of it', async () => {
  const data = dataFolder();
  const header = await nalOf(data, 2023, (cells) => cells);
  expect(header).toHaveLength(fields('nal').length - LATER.length);
  expect(LATER.filter((name) => header.includes(name))).toEqual([]);
  const { manifest, stderr } = await ingestNal(data);
  expect(manifest!.status, stderr).toBe('staged');
  expect(manifest!.ledger).toMatchObject({ recordsIn: 200, accepted: 200 });
  expect(manifest!.source.extraColumns).toEqual([]);
  expect(manifest!.fileRules.filter(({ id }) => id === 'F03')).toEqual([]);
});

test('a column that its file has although its year had none is read as what it is', async () => {
  const data = dataFolder();
  await nalOf(data, 2023, (cells, line) => [
    ...cells,
    line === 0 ? 'EXMPT_45' : '77',
    line === 0 ? 'EXMPT_47' : '9',
  ]);
  const { manifest, stderr } = await ingestNal(data);
  expect(manifest!.status, stderr).toBe('staged');
  expect(manifest!.source.extraColumns).toEqual(['EXMPT_47']);
  const query = "select count(*) from dor_properties where exemptions['EXMPT_45'] = 77";
  expect(await linesOf(data, query)).toEqual(['200']);
});

test.each([
  ['a column of always, in an old roll', 2023, 'EXMPT_42'],
  ['a later column, in a roll of its first year', 2024, 'EXMPT_43'],
])('%s, is missed: the file is refused and the column named', async (_, year, name) => {
  const data = dataFolder();
  await nalOf(data, year, without(name));
  const { manifest, refused } = await ingestNal(data);
  expect(manifest).toBeUndefined();
  expect(refused).toMatch(new RegExp(`F02 .*is a NAL without the column ${name}\\b`));
});
