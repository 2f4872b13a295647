import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine, literal } from '../../src/engine.ts';
import type { Dataset, RuleResult } from '../../src/model.ts';
import { SQL } from '../../src/project.ts';
import { parseRule, readRules } from '../../src/rules.ts';
import { prepare } from '../../src/steps/load.ts';
import { SHARED, sharedData } from '../shared.ts';
import { dataFolder, ingest } from '../workspace.ts';
import { openSampleRows } from './sampleRows.ts';

/** Rows that break each rule in the real Broward 2025P files; every rule that is not listed is broken by none. */
const MEASURED = {
  sdf: { S22: 1, S23: 14, S27: 16, S28: 4, S29: 1, S32: 4, S33: 57, S34: 26, S39: 2605 },
  // P44: ten rows with tabs, and an eleventh with a DEL character (data/reference/README.md).
  nap: {
    P20: 5,
    P23: 2055,
    P28: 549,
    P29: 42,
    P32: 489,
    P34: 1,
    P35: 3969,
    P36: 7353,
    P37: 358,
    P38: 11321,
    P43: 69,
    P44: 11,
  },
};

describe.runIf(SHARED)('on the real Broward files', () => {
  test.each([
    ['sdf', 'broward_sdf_2025.zip', 95332],
    ['nap', 'broward_tpp_2025.zip', 90508],
  ] as const)('every rule of the %s counts what was measured', async (dataset, file, rows) => {
    const { result } = await ingest(dataFolder(), ['broward', '--source', sharedData(file), '--no-push']);
    const [manifest] = result.manifests;
    expect(manifest.ledger).toMatchObject({ recordsIn: rows, accepted: rows, balanced: true });
    expect(manifest.rules).toHaveLength(readRules(dataset).length);
    const broken = manifest.rules.filter((rule: RuleResult) => rule.rows !== 0);
    expect(Object.fromEntries(broken.map((rule: RuleResult) => [rule.id, rule.rows]))).toEqual(
      MEASURED[dataset],
    );
  });
});

describe('every rule can be broken', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openSampleRows();
  });
  afterAll(() => engine.close());

  const view = (dataset: Dataset, replaced: Record<string, string>) => {
    const list = Object.entries(replaced).map(([column, expression]) => `${expression} as ${column}`);
    const star = list.length > 0 ? `* replace (${list.join(', ')})` : '*';
    return engine.run(`create or replace temp view ${dataset} as select ${star} from base_${dataset}`);
  };
  const brokenBy = async (id: string, folder: Dataset | 'cross') => {
    const rule = readRules(folder).find((one) => one.id === id)!;
    const { n } = await engine.row(`select count(*) as n from (${rule.query})`);
    return Number(n);
  };

  for (const dataset of ['nal', 'sdf', 'nap'] as const) {
    const cases: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(join(import.meta.dirname, `../cases/validate/${dataset}.json`), 'utf8'),
    );
    test(`${dataset}: each case breaks its rule, and clean rows do not`, async () => {
      for (const [id, replaced] of Object.entries(cases)) {
        const folder = id.startsWith('X') ? 'cross' : dataset;
        await view('nal', {});
        await view('sdf', {});
        await view(dataset, {});
        const clean = await brokenBy(id, folder);
        expect(clean, `${id} on clean rows`).toBe(id === 'N38' ? 38 : 0);
        await view(dataset, replaced);
        expect(await brokenBy(id, folder), `${id} with ${JSON.stringify(replaced)}`).toBeGreaterThan(clean);
      }
      const others = ['N01', 'S01', 'P01'];
      expect(Object.keys(cases).filter((id) => !id.startsWith('X'))).toEqual(
        readRules(dataset)
          .map((rule) => rule.id)
          .filter((id) => !others.includes(id)),
      );
    });

    test(`${dataset}: a key that is there twice is found, an unknown key is not`, async () => {
      const key = { nal: 'parcel_id', sdf: 'sale_id_cd', nap: 'acct_id' }[dataset];
      const parcel: Record<string, string> = dataset === 'sdf' ? { parcel_id: "'P'" } : {};
      const id = { nal: 'N01', sdf: 'S01', nap: 'P01' }[dataset];
      await view(dataset, {});
      expect(await brokenBy(id, dataset)).toBe(0);
      await view(dataset, {
        ...parcel,
        [key]: `case when record < 3 then 'TWICE' else ${key} || record end`,
      });
      expect(await brokenBy(id, dataset)).toBe(3);
      await view(dataset, { ...parcel, [key]: 'null' });
      expect(await brokenBy(id, dataset)).toBe(0);
    });
  }
});

test('what a spreadsheet made of an identifier or code is told from what stood there', async () => {
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 512, tempDirectory: '/tmp' });
  await prepare(engine);
  await engine.set({ roll_year: 2025 });
  await engine.file(join(SQL, 'validate/macros.sql'));
  const damaged = async (text: string | null) => {
    const value = text === null ? 'null' : literal(text);
    const { found } = await engine.row(
      `select spreadsheet_damage(concat_ws(chr(31), 'A-1', ${value}, null, 'B')) as found`,
    );
    return found;
  };
  const made = [
    '4.94025E+11',
    '5E+12',
    '1.2E+100',
    '2-Jan',
    '12-Mar-2025',
    'Jan-01',
    '#REF!',
    '#N/A',
    '########',
  ];
  for (const text of made) expect(await damaged(text), text).toBe(true);
  const own = [
    '494025012345',
    '000837E2',
    '4E+',
    'E+11',
    '1-2',
    '12-MAR',
    'C16-001-192-0124-2',
    '#12',
    'MAY',
  ];
  for (const text of [null, ...own]) expect(await damaged(text), String(text)).toBe(false);
  engine.close();
});

test('a rule file says id, severity and message, and its name begins with the id', () => {
  for (const folder of ['nal', 'sdf', 'nap', 'cross']) {
    for (const name of readdirSync(join(SQL, 'validate', folder))) {
      const rule = parseRule(join(SQL, 'validate', folder, name));
      expect(name.startsWith(`${rule.id}_`)).toBe(true);
      expect(rule.message.length).toBeGreaterThan(10);
    }
  }
  for (const [folder, letter] of Object.entries({ nal: 'N', sdf: 'S', nap: 'P' })) {
    const ids = readRules(folder as Dataset).map((rule) => rule.id);
    expect(ids).toEqual(numbered(letter, ids.length));
  }
});

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);
