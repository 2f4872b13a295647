import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCounty } from '../../src/reference.ts';
import { ROW_KEYS } from '../../src/steps/content.ts';
import { startServer, type TestServer } from '../server.ts';
import { bring, byKey, expectedChanges, heldRows, type Row, session, stage } from '../steps/contents.ts';

/** What ends a COPY, means NULL, or is quoted, escaped or trimmed somewhere on the way from DuckDB to Postgres and back. */
const AWKWARD = [
  '\\.',
  '\\N',
  '\\',
  '\\\\',
  '\\n',
  'x\\',
  '"',
  '""',
  'a"b',
  "'",
  'a\nb',
  '\n',
  '\\.\nb',
  'a\n\\.\nb',
  'a\n\\.',
  'a\rb',
  'a\r\nb',
  '\r',
  '%',
  '%s',
  ' ',
  ' leading',
  'trailing ',
  '\ttab\t',
  ',',
  ';',
  'null',
  'NULL',
  '{}',
  '0012',
];

const TEXT = { sdf: 'clerk_no', nap: 'owner_name' };
/** Keys of one column are alone on their line, those of two are not. The lake is believed, or every row is read back. */
const WAYS = [
  ['nap', false],
  ['nap', true],
  ['sdf', false],
  ['sdf', true],
] as const;

/** Each text as a key, and another one as a value. Plain rows stand around them: none may be lost with its neighbour. */
function rowsWith(roll: keyof typeof TEXT, texts: string[], shift: number): Row[] {
  const row = (key: string, value: string): Row => ({
    ...Object.fromEntries(ROW_KEYS[roll].map((name) => [name, key])),
    [TEXT[roll]]: value,
  });
  const awkward = texts.map((text) => row(text, AWKWARD[(AWKWARD.indexOf(text) + shift) % AWKWARD.length]!));
  return byKey(roll, [...awkward, ...['-', 'A', 'z'].map((key) => row(key, `plain ${shift}`))]);
}

/** 17 is Supabase's; what COPY takes for its end has changed since. The last is the embedded one. */
describe.each([17, 18, null] as const)('awkward keys and values: PostgreSQL %s', (version) => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    if (version) server = await startServer({ version });
  });
  afterAll(() => server?.stop());

  test('are inserted, changed and deleted', async () => {
    const contents: [string[], number][] = [
      [AWKWARD, 0],
      [AWKWARD, 1],
      [AWKWARD.filter((_, index) => index % 2 === 0), 1],
      [AWKWARD, 2],
      [['\\.'], 2],
      [[], 2],
    ];
    await session(await server?.createDatabase('awkward'), async (publishing) => {
      for (const [roll, everyRow] of WAYS) {
        const partition = { dataset: roll, county: findCounty('union'), year: everyRow ? 2025 : 2024 };
        let before: Row[] = [];
        for (const [index, [texts, shift]] of contents.entries()) {
          const rows = rowsWith(roll, texts, shift);
          const content = await stage(publishing, partition, rows, `run-${index}`);
          const part = await bring(publishing, partition, content, { everyRow });
          expect(part.changes).toEqual(expectedChanges(roll, before, rows));
          expect(await heldRows(publishing, partition)).toEqual(rows);
          before = rows;
        }
      }
    });
  });
});
