import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine.ts';
import type { RuleResult } from '../../src/model.ts';
import { SQL } from '../../src/project.ts';
import { readRules } from '../../src/rules.ts';
import { literal } from '../../src/sqlText.ts';
import { prepare } from '../../src/steps/load.ts';
import { SHARED, sharedData } from '../shared.ts';
import { dataFolder, ingest } from '../workspace.ts';

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

test('a rule says in a sentence what is wrong', () => {
  for (const { id, message } of (['nal', 'sdf', 'nap', 'cross'] as const).flatMap(readRules))
    expect(message.length, id).toBeGreaterThan(10);
});
