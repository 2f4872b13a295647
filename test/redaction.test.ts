import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { everythingShown, rolls } from './editedRolls.ts';
import { putEmbedded } from './embedded.ts';
import { dor } from './workspace.ts';

test('values of a confidential parcel or account are shown nowhere, and are not lost', async () => {
  const { data, nal, sdf, nap } = await rolls('union');
  const sold = sdf.rows
    .filter((row) => sdf.value(row, 'QUAL_CD') === '01')
    .map((row) => sdf.value(row, 'PARCEL_ID'));
  const [first, second] = [...new Set(sold)];
  const parcel = (id: string) => nal.rows.find((row) => nal.value(row, 'PARCEL_ID') === id)!;
  // A parcel that is staged, breaks warnings, has the lowest and the highest of everything, and was sold.
  nal.edit(parcel(first!), {
    OWN_NAME: 'CONFIDENTIAL PER F.S. 119.071',
    OWN_ADDR1: '000 QQHIDDEN ADDRESS',
    PHY_ADDR1: '000 QQHIDDEN SITE',
    S_LEGAL: 'ZZZ QQHIDDEN LEGAL',
    OWN_ZIPCD: 'QQ999',
    AV_SD: '987654321098',
  });
  // One that is rejected: its number is none.
  nal.edit(parcel(second!), { OWN_NAME: 'Name exempt', S_LEGAL: 'redacted QQHIDDEN', JV: 'QQJV' });
  for (const row of sdf.rows) {
    if (sdf.value(row, 'PARCEL_ID') === first) sdf.edit(row, { SALE_PRC: '987654321', NBRHD_CD: '' });
  }
  // Its sale that is rejected, and one that is no row.
  const sale = sdf.rows.find((row) => sdf.value(row, 'PARCEL_ID') === first)!;
  sdf.rows.push([...sale]);
  const extra = [...sale];
  sdf.edit(extra, { SALE_ID_CD: 'QQSALE1', SALE_MO: '13' });
  sdf.rows.push(extra);
  nal.write([`73,"QQBROKEN","CONFIDENTIAL","too few"`]);
  sdf.write([`73,"${first}","QQSALE2"`]);
  nap.edit(nap.rows[7]!, {
    OWN_NAM: 'PROTECTED OWNER QQNAP',
    JV_TOTAL: '976543210123',
    OWN_ADDR: '000 QQHIDDEN',
  });
  const account = nap.value(nap.rows[7]!, 'ACCT_ID');
  nap.write();

  const text = await everythingShown(data, [
    ['ingest', 'union', '--no-push', '--max-reject-pct', '5', '--json'],
    ['rejects', 'union', '--format', 'csv'],
    ['report', 'all'],
    ['status'],
    ['why', account],
    ['why', first!],
  ]);
  expect(text).toContain('(confidential)');
  expect(text).toMatch(/X0\d|N11|S23/);
  const hidden = [
    first!,
    second!,
    account,
    '987654321',
    '976543210123',
    'QQ999',
    'QQHIDDEN',
    'QQJV',
    'QQSALE',
    'QQBROKEN',
    'QQNAP',
    '119.071',
  ];
  // An id that a person typed may be named again, but nothing of its row: dor why says the ids to itself here.
  expect(hidden.filter((value) => text.includes(value))).toEqual([]);

  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const kept = await connection.runAndReadAll(
    `select count(*) from '${join(data, 'lake/rejected/*/*/*/*.parquet')}' where text like '%QQ%'`,
  );
  expect(Number(kept.getRows()[0]![0])).toBeGreaterThanOrEqual(4);
});

test('a column that was named is shown nowhere, under any of its names, nor what is made from it', async () => {
  const { data, nal, nap } = await rolls('union');
  for (const row of nal.rows.slice(0, 300)) nal.edit(row, { OWN_NAME: 'QQFREQUENT LLC' });
  nal.edit(nal.rows[400]!, { OWN_NAME: 'AAA QQFIRST' });
  nal.edit(nal.rows[401]!, { OWN_NAME: 'ZZZ QQLAST', JV: 'x' });
  nap.edit(nap.rows[0]!, { OWN_NAM: 'QQTANGIBLE\tTAB' });
  nal.write();
  nap.write();
  const env = { DOR_REDACT: 'OWN_NAME,owner_name' };
  const id = nal.value(nal.rows[400]!, 'PARCEL_ID');
  const commands = [
    ['ingest', 'union', '--no-push', '--json'],
    ['rejects', 'union', '--format', 'csv'],
    ['report', 'union'],
    ['why', id],
  ];
  const text = await everythingShown(data, commands, env);
  expect(text).toContain('(redacted)');
  expect(text.includes('QQ')).toBe(false);
  expect(text).toContain(id);
  const again = await dor(data, ['report', 'union', '--redact', 'phy_city,OWN_CITY']);
  expect(again.code).toBe(0);
  const page = readFileSync(join(data, 'reports/union-2025.html'), 'utf8');
  expect(page).not.toMatch(/per city|MIRAMAR|HOLLYWOOD/);
  const slip = await dor(data, ['report', 'union', '--redact', 'owner_nam2']);
  expect(slip).toMatchObject({ code: 2, stderr: expect.stringMatching(/no roll has such a column/) });
});

test('a plan counts what changes in confidential rows and named columns, and shows none of it', async () => {
  const { data, nap } = await rolls('union');
  nap.edit(nap.rows[3]!, { OWN_NAM: 'PROTECTED OWNER QQNAP' });
  nap.write();
  await putEmbedded(join(data, 'target'));
  const only = ['--source', join(data, 'inbox/NAP73P202501.csv')];
  const account = nap.value(nap.rows[3]!, 'ACCT_ID');
  expect((await dor(data, ['ingest', 'union', ...only, '--no-push'])).code).toBe(0);
  const first = await dor(data, ['plan', 'union', '--format', 'csv']);
  expect(first.stdout.match(/,\(confidential\),/g)).toHaveLength(1);
  expect(first.stdout).not.toContain(`,${account},`);
  expect((await dor(data, ['apply', /Plan (\S+)/.exec(first.stderr)![1]!])).code).toBe(0);
  for (const row of [nap.rows[3]!, nap.rows[4]!])
    nap.edit(row, { OWN_CITY: 'QQCITY', OWN_ADDR: '1 QQSTREET' });
  nap.edit(nap.rows[3]!, { OWN_CITY: 'QQSECRET' });
  nap.write();
  const env = { DOR_REDACT: 'OWN_ADDR' };
  expect((await dor(data, ['ingest', 'union', ...only, '--no-push'], env)).code).toBe(0);
  const { stdout, code } = await dor(data, ['plan', 'union', '--json'], env);
  expect(code).toBe(0);
  const [part] = JSON.parse(stdout).parts;
  const column = (name: string) => part.columns.find((one: { name: string }) => one.name === name);
  expect(column('owner_city')).toMatchObject({ rows: 2, samples: [{ after: 'QQCITY' }] });
  expect(column('owner_addr1')).toMatchObject({ rows: 2, samples: [{ after: '(redacted)' }] });
  expect(stdout).not.toMatch(/QQSECRET|QQSTREET/);
  const listed = await dor(data, ['plan', 'union', '--format', 'csv', '--redact', 'own_addr']);
  expect(listed.stdout).toMatch(/owner_city,.*,QQCITY\n/);
  expect(listed.stdout).toMatch(/owner_addr1,\(redacted\),\(redacted\)\n/);
  expect(listed.stdout).toMatch(/,\(confidential\),owner_city,\(confidential\),\(confidential\)\n/);
  expect(listed.stdout + listed.stderr).not.toMatch(/QQSECRET|QQSTREET/);
  expect(listed.stdout + listed.stderr).not.toContain(account);
  const keys = await dor(data, ['plan', 'union', '--json', '--redact', 'acct_id']);
  expect(keys.stdout).not.toContain(nap.value(nap.rows[4]!, 'ACCT_ID'));
});
