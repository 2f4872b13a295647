import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { Dataset, RunManifest } from '../src/model.ts';
import { findCounty } from '../src/reference.ts';
import { DATASETS } from '../src/rolls.ts';
import { type Defect, generateSample } from '../src/sample.ts';
import { putEmbedded } from './embedded.ts';
import { ingestHere } from './inProcess.ts';
import { dataFolder, dor, ingest, ingestProcess, ROOT } from './workspace.ts';

async function query(sql: string) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** A data folder with rolls of a small county, some rows broken. */
async function broken(
  defects: Partial<Record<Defect, number>>,
  rows: number,
  datasets: readonly Dataset[] = DATASETS,
) {
  const data = dataFolder();
  const files = await generateSample({
    out: join(data, 'inbox'),
    county: findCounty('union'),
    year: 2025,
    rows,
    accounts: rows,
    seed: 11,
    format: 'csv',
    defects,
    datasets,
  });
  return { data, files };
}

const names = (folder: string) => (existsSync(folder) ? readdirSync(folder, { recursive: true }).sort() : []);

test('with an empty inbox the bundled sample is taken, loudly, and every row is accounted for', async () => {
  const { code, stderr, result } = await ingestProcess(dataFolder(), ['broward']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/\*\*\* .*BUNDLED SAMPLE/);
  expect(result.manifests.map((m: { dataset: string }) => m.dataset)).toEqual(['sdf', 'nal', 'nap']);
  for (const { ledger, staged, changes } of result.manifests) {
    const { recordsIn, accepted, rejectedStructure, rejectedRule, duplicates, balanced } = ledger;
    expect(balanced).toBe(true);
    expect(recordsIn).toBe(accepted + rejectedStructure + rejectedRule + duplicates);
    expect(staged.rows).toBe(accepted);
    expect(changes.insert + changes.update + changes.unchanged).toBe(accepted);
  }
  const nal = result.manifests[1];
  expect(nal.ledger).toMatchObject({ recordsIn: 2501, rejectedStructure: 2, rejectedRule: 3, duplicates: 1 });
});

test('real files take the place of the sample without being asked, and the sample never takes theirs', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  const aside = join(data, 'aside');
  // The sample has Liberty: rolls of that county stand for the real ones.
  await generateSample({
    out: aside,
    county: findCounty('liberty'),
    year: 2025,
    rows: 900,
    seed: 5,
    format: 'csv',
  });
  expect((await ingest(data, ['liberty'])).code).toBe(0);
  const real = await ingest(data, ['liberty', '--source', aside]);
  expect(real.code).toBe(0);
  const nal = real.result.manifests[1];
  expect(nal).toMatchObject({ status: 'published', fileRules: [], staged: { rows: 900 } });
  const back = await ingest(data, ['liberty']);
  expect(back.code).toBe(1);
  expect(back.stderr).toMatch(/the bundled sample does not replace them/);
});

test('each broken row is a dead letter with its line, its text and the rule', async () => {
  const defects = {
    duplicate_key: 0.001,
    missing_key: 0.001,
    wrong_field_count: 0.001,
    bad_number: 0.001,
    bad_use_code: 0.001,
    wrong_county: 0.001,
  };
  const { data, files } = await broken(defects, 2000, ['nal']);
  const { code, result } = await ingest(data, ['union', '--no-push']);
  expect(code).toBe(0);
  const nal = files.find((file) => file.dataset === 'nal')!;
  const lines = readFileSync(nal.path, 'utf8').split('\r\n');
  const letters = await query(
    `from '${join(data, 'lake/rejected/dor_properties/county=union/year=2025/data.parquet')}'`,
  );
  for (const letter of letters) expect(lines[Number(letter.line) - 1]).toBe(letter.text);
  const rules = (rule: string) => letters.filter((letter) => letter.rule === rule).length;
  expect(rules('N01')).toBe(nal.defects.duplicate_key);
  expect(rules('N02')).toBe(nal.defects.missing_key);
  expect(rules('F04')).toBe(nal.defects.wrong_field_count);
  expect(rules('N06')).toBe(nal.defects.bad_number);
  expect(rules('N08')).toBe(nal.defects.bad_use_code);
  expect(rules('N03')).toBe(nal.defects.wrong_county);
  expect(Object.values(nal.defects).every((count) => count > 0)).toBe(true);
  const { ledger } = result.manifests.find((m: { dataset: string }) => m.dataset === 'nal');
  expect(ledger.accepted + letters.length).toBe(ledger.recordsIn);
  const duplicate = letters.find((letter) => letter.rule === 'N01')!;
  expect(duplicate.detail).toMatch(new RegExp(`kept from line ${Number(duplicate.line) - 1}$`));
  const shown = await dor(data, ['rejects', 'union', '--format', 'csv']);
  expect(shown.stdout.trim().split('\n').length).toBeGreaterThan(letters.length);
});

describe('gates', () => {
  test('more than one percent rejected stops before staging; what was there stays', async () => {
    const good = await broken({}, 500, ['nal']);
    await ingest(good.data, ['union', '--no-push']);
    const before = names(join(good.data, 'lake/staged'));
    const bad = await broken({ bad_number: 0.05 }, 500, ['nal']);
    cpSync(join(bad.data, 'inbox'), join(good.data, 'inbox'), { recursive: true });
    const staged = join(good.data, 'lake/staged/dor_properties/county=union/year=2025/data.parquet');
    const bytes = readFileSync(staged);
    const { code, result, stderr } = await ingest(good.data, ['union', '--no-push']);
    expect(code).toBe(1);
    expect(result.manifests[0]).toMatchObject({ status: 'stopped', verdict: 'fail' });
    expect(result.manifests[0].reason).toMatch(/F12 .* rows are rejected \(\d\.\d\d %\), more than 1 %/);
    expect(names(join(good.data, 'lake/staged'))).toEqual(before);
    expect(readFileSync(staged).equals(bytes)).toBe(true);
    expect(stderr).not.toMatch(/at .*\.ts:/);
    const allowed = await ingest(good.data, ['union', '--no-push', '--max-reject-pct', '10']);
    expect(allowed.code).toBe(0);
  });

  test('a first file of which no row is accepted is no empty publication, whatever share may be rejected', async () => {
    const { data } = await broken({ bad_number: 1 }, 5);
    const file = join(data, 'inbox/NAP73P202501.csv');
    const options = { county: 'union', sources: [file], maxRejectPct: 100 };
    const { code, manifests, refused } = await ingestHere(data, options);
    expect([code, manifests[0]?.reason ?? refused]).toEqual([
      1,
      expect.stringMatching(/F12 .*none of its 5 rows is accepted; nothing was staged or published/),
    ]);
  });

  test('half the rows gone stops, unless accepted', async () => {
    const { data } = await broken({}, 2000, ['nap']);
    await ingest(data, ['union', '--no-push']);
    const file = join(data, 'inbox/NAP73P202501.csv');
    const lines = readFileSync(file, 'utf8').split('\r\n');
    writeFileSync(file, [...lines.slice(0, 901), ''].join('\r\n'));
    const half = await ingest(data, ['union', '--no-push']);
    expect(half.code).toBe(1);
    expect(half.result.manifests[0].reason).toMatch(/F10 .*900 rows, the last good run had 2,000/);
    expect((await ingest(data, ['union', '--no-push', '--force'])).code).toBe(1);
    expect((await ingest(data, ['union', '--no-push', '--accept-outlier'])).code).toBe(0);
  });

  test('an older submission does not replace a newer one unless forced', async () => {
    const { data } = await broken({}, 500, ['nap']);
    const rename = (name: string) => {
      const content = readFileSync(join(data, 'inbox/NAP73P202501.csv'));
      const folder = dataFolder();
      writeFileSync(join(folder, 'inbox', name), content);
      return join(folder, 'inbox', name);
    };
    await ingest(data, ['union', '--no-push', '--source', rename('NAP73F202501.csv')]);
    const older = await ingest(data, ['union', '--no-push', '--source', rename('NAP73P202502.csv')]);
    expect(older.code).toBe(1);
    expect(older.result.manifests[0].reason).toMatch(
      /older submission \(P02\) than the one that is staged \(F01/,
    );
    expect(
      (await ingest(data, ['union', '--no-push', '--force', '--source', rename('NAP73P202502.csv')])).code,
    ).toBe(0);
  });
});

test('a dry run looks at everything and writes nothing', async () => {
  const { data } = await broken({}, 300);
  const { code, result } = await ingest(data, ['union', '--dry-run']);
  expect(code).toBe(0);
  expect(result.manifests.map((m: { status: string }) => m.status)).toEqual([
    'dry-run',
    'dry-run',
    'dry-run',
  ]);
  expect(result.manifests[1].changes.insert).toBe(300);
  expect(
    names(join(data, 'lake')).filter((name) => /staged|rejected|published|runs/.test(String(name))),
  ).toEqual([]);
  expect(existsSync(join(data, 'target'))).toBe(false);
  expect(existsSync(join(data, 'reports'))).toBe(false);
});

test('unchanged source and SQL: nothing is redone; a touched file is hashed and still nothing is redone', async () => {
  const { data } = await broken({}, 300);
  await ingest(data, ['union', '--no-push']);
  const second = await ingest(data, ['union', '--no-push']);
  expect(second.result.manifests.map((m: RunManifest) => [m.status, m.timings])).toEqual(
    DATASETS.map(() => ['unchanged', []]),
  );
  expect(second.stderr).toMatch(/unchanged, nothing is redone/);
  const file = join(data, 'inbox/NAL73P202501.csv');
  writeFileSync(file, readFileSync(file));
  const third = await ingest(data, ['union', '--no-push']);
  expect(third.result.manifests[1].timings.map((t: { step: string }) => t.step)).toEqual(['read']);
  expect(third.result.manifests[1].status).toBe('unchanged');
});

test('all counties of the inbox, one year of them', async () => {
  const data = dataFolder();
  for (const [county, year] of [
    ['union', 2025],
    ['gulf', 2025],
    ['gulf', 2024],
  ] as const) {
    await generateSample({
      out: join(data, 'inbox'),
      county: findCounty(county),
      year,
      rows: 100,
      seed: 1,
      format: 'zip',
      datasets: ['sdf'],
    });
  }
  const { result } = await ingest(data, ['all', '--year', '2025', '--no-push']);
  expect(result.manifests.map((m: { county: string; year: number }) => [m.county, m.year])).toEqual([
    ['gulf', 2025],
    ['union', 2025],
  ]);
});

test('usage errors say what to do and exit 2; help has examples', async () => {
  const data = dataFolder();
  const wrong = await dor(data, ['ingest', 'atlantis']);
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no Florida county "atlantis"\n {2}→ use a name/),
  });
  expect((await dor(data, ['ingest'])).code).toBe(2);
  expect((await dor(data, ['fly'])).code).toBe(2);
  const nothing = await dor(data, ['ingest', 'gulf']);
  expect(nothing).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/no NAL, SDF or NAP file of Gulf/),
  });
  const help = await dor(data, ['ingest', '--help']);
  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/dor ingest broward/) });
});

test('make ingest works for a newcomer', async () => {
  const { execFileSync } = await import('node:child_process');
  const env = { ...process.env, DOR_DATA: dataFolder(), SUPABASE_DB_URL: '' };
  const out = execFileSync('make', ['ingest', 'COUNTY=liberty', 'PUSH=0', 'YEAR=2025'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(out.toString()).not.toMatch(/rror/);
  const rows = execFileSync('make', ['-s', 'sql', 'Q=select count(*) as n from dor_properties'], {
    cwd: ROOT,
    env,
  });
  expect(rows.toString()).toBe('n\n800\n');
});
