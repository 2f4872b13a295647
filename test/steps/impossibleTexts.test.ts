import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import type { Dataset } from '../../src/model.ts';
import { putEmbedded } from '../embedded.ts';
import { ingestHere, linesOf } from '../inProcess.ts';
import { csvLine, smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** A text that does not compress, as an index of Postgres would try. */
const long = Array.from({ length: 80 }, (_, index) =>
  createHash('sha256').update(`${index}`).digest('hex'),
).join('');

const COLUMN: Record<Dataset, string> = { nal: 'OWN_NAME', sdf: 'CLERK_NO', nap: 'OWN_NAM' };

test('a text that is none of a roll costs its own row; the others are published, with every index', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  const files = await smallCounty(data, 200);
  for (const { path } of files) {
    const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\r\n');
    const column = splitLine(header!).findIndex((name) => Object.values(COLUMN).includes(name));
    for (const [index, text] of [long, 'A\u001eB', 'A\u001fB', 'A\r\nB'].entries()) {
      const cells = splitLine(lines[index]!);
      cells[column] = text;
      lines[index] = csvLine(cells);
    }
    writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
  }

  const { code, stderr } = await ingestHere(data, { county: 'union', maxRejectPct: 100 });
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain('was not built');
  const found = await linesOf(data, 'select rule, count(*) from rejected group by rule order by rule');
  expect(found).toEqual(['N47,1', 'N48,2', 'P46,1', 'P47,2', 'S41,1', 'S42,2']);
});

test('keys that look alike when they are joined are two keys', async () => {
  const data = dataFolder();
  const files = await smallCounty(data, 200);
  const sales = files.find(({ path }) => path.includes('SDF'))!.path;
  const [header, ...lines] = readFileSync(sales, 'utf8').trim().split('\r\n');
  const names = splitLine(header!);
  for (const [index, key] of [
    ['AA BB', 'CC'],
    ['AA', 'BB CC'],
    ['AA', 'BB CC'],
  ].entries()) {
    const cells = splitLine(lines[index]!);
    cells[names.indexOf('PARCEL_ID')] = key[0]!;
    cells[names.indexOf('SALE_ID_CD')] = key[1]!;
    lines[index] = csvLine(cells);
  }
  writeFileSync(sales, `${[header, ...lines].join('\r\n')}\r\n`);

  const { code, stderr, manifests } = await ingestHere(data, {
    county: 'union',
    push: false,
    maxRejectPct: 100,
  });
  expect(code, stderr).toBe(0);
  const sdf = manifests.find(({ dataset }) => dataset === 'sdf')!;
  expect(sdf.ledger).toMatchObject({ accepted: lines.length - 1, rejectedRule: 0, duplicates: 1 });
  const found = await linesOf(data, "select detail from rejected where rule = 'S01'");
  expect(found.join()).toContain('key 73 AA BB CC, kept from line 3');
});

test('what cannot be read as a number is a dead letter; nothing is cut, and no two recordings become one', async () => {
  const data = dataFolder();
  const files = await smallCounty(data, 200);
  const write = (roll: string, rows: Record<string, string>[]) => {
    const { path } = files.find((one) => one.path.includes(roll))!;
    const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\r\n');
    const names = splitLine(header!);
    for (const [index, values] of rows.entries()) {
      const cells = splitLine(lines[index]!);
      for (const [name, value] of Object.entries(values)) cells[names.indexOf(name)] = value;
      lines[index] = csvLine(cells);
    }
    writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
  };
  write('NAP', [
    { SEQ_NO: 'abc' },
    { EXMPT: 'M;1000000000000' },
    { EXMPT: 'M;0100', ACCT_ID: 'ZEROS' },
    { EXMPT: 'M;1;oops', ACCT_ID: 'OOPS' },
  ]);
  write('NAL', [{ SALE_MO1: 'AB' }, { SALE_MO2: '3.6' }]);
  write('SDF', [
    { SALE_ID_CD: 'ONE', CLERK_NO: '', OR_BOOK: '1/2', OR_PAGE: '3' },
    { SALE_ID_CD: 'TWO', CLERK_NO: '', OR_BOOK: '1', OR_PAGE: '2/3' },
  ]);
  const { code, stderr } = await ingestHere(data, { county: 'union', push: false, maxRejectPct: 100 });
  expect(code, stderr).toBe(0);
  const found = await linesOf(
    data,
    `select concat_ws(' ', rule, detail) as found from rejected where rule in ('P07', 'N07')
     union all select concat_ws(' ', account_id, coalesce(exemptions::varchar, 'unknown'), exemptions_text) from dor_tangible where account_id in ('ZEROS', 'OOPS')
     union all select transaction_id from dor_sales where sale_id in ('ONE', 'TWO')
     order by 1`,
  );
  expect(found).toEqual([
    'B:1%2F2/3',
    'B:1/2/3',
    'N07 no number: SALE_MO1',
    'N07 no number: SALE_MO2',
    'OOPS unknown M;1;oops',
    'P07 no number: EXMPT',
    'P07 no number: SEQ_NO',
    'ZEROS {M=100} M;0100',
  ]);
});
