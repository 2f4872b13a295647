import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countyByNumber, findCounty } from '../src/reference.ts';
import { DEFECTS, generateSample, writeCommittedSample } from '../src/sample.ts';
import { dataFolder, dor, ingest, SAMPLE, temporaryFolder } from './workspace.ts';

const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('the committed sample is what the generator writes, byte for byte', async () => {
  const folder = temporaryFolder();
  await writeCommittedSample(folder);
  for (const name of readdirSync(folder))
    expect([name, hash(join(folder, name))]).toEqual([name, hash(join(SAMPLE, name))]);
  expect(readdirSync(folder)).toHaveLength(6);
});

test('a clean roll breaks no error rule and only the warning that real rolls break, in any county and year', async () => {
  for (const [county, year] of [
    ['miami-dade', 2024],
    ['st-lucie', 2025],
  ] as const) {
    const data = dataFolder();
    await generateSample({
      out: join(data, 'inbox'),
      county: findCounty(county),
      year,
      rows: 3000,
      seed: 5,
      format: 'csv',
    });
    const { result } = await ingest(data, [county, '--no-push']);
    for (const manifest of result.manifests) {
      const broken = manifest.rules
        .filter((rule: { rows: number | null }) => rule.rows)
        .map((rule: { id: string }) => rule.id);
      expect(broken).toEqual(manifest.dataset === 'nal' ? ['N38'] : []);
    }
  }
});

test('every defect is counted, and found again by a rule or the reading', async () => {
  const shares = Object.fromEntries(DEFECTS.map((name) => [name, 0.004]));
  const data = dataFolder();
  const files = await generateSample({
    out: join(data, 'inbox'),
    county: countyByNumber(33)!,
    year: 2025,
    rows: 6000,
    accounts: 6000,
    seed: 9,
    format: 'csv',
    defects: shares,
  });
  expect(files).toHaveLength(3);
  for (const file of files)
    for (const [name, count] of Object.entries(file.defects)) expect([name, count > 0]).toEqual([name, true]);
  const { result } = await ingest(data, ['gulf', '--no-push', '--max-reject-pct', '50']);
  const nal = result.manifests.find((m: { dataset: string }) => m.dataset === 'nal');
  const counts = Object.fromEntries(
    nal.rules.map((rule: { id: string; rows: number }) => [rule.id, rule.rows]),
  );
  const made = files.find((file) => file.dataset === 'nal')!.defects;
  expect(nal.ledger.duplicates).toBe(made.duplicate_key);
  expect(nal.ledger.rejectedStructure).toBe(made.wrong_field_count! + made.stray_quote!);
  expect(counts).toMatchObject({
    N02: made.missing_key,
    N06: made.bad_number,
    N07: made.negative_value,
    N08: made.bad_use_code,
    N03: made.wrong_county,
    N05: made.wrong_year,
  });
  expect(counts.N46).toBe(made.over_width);
  expect(counts.N11).toBeGreaterThanOrEqual(made.assessed_above_just!);
});

test('from the command line, with a defect that does not exist', async () => {
  const out = temporaryFolder();
  const made = await dor(out, [
    'sample',
    '--county',
    'gulf',
    '--rows',
    '50',
    '--out',
    out,
    '--defect',
    'bad_number=0.2',
  ]);
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/NAL33P202501\.csv\t50 rows/);
  const wrong = await dor(out, ['sample', '--out', out, '--defect', 'nonsense=1']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/"nonsense=1" is no defect/) });
});
