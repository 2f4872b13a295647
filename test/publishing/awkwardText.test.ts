import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCounty } from '../../src/reference.ts';
import { ROLLS } from '../../src/rolls.ts';
import { startServer, type TestServer } from '../server.ts';
import { byKey, expectedChanges, heldRows, publishOnce, type Row, session, stage } from './contents.ts';

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
  'a\nb\rc',
  'a\r',
  '\r',
  '\r\n',
  '"\r"',
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
    ...Object.fromEntries(ROLLS[roll].keys.staged.map((name) => [name, key])),
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
          const part = await publishOnce(publishing, partition, content, { everyRow });
          expect(part.changes).toEqual(expectedChanges(roll, before, rows));
          expect(await heldRows(publishing, partition)).toEqual(rows);
          before = rows;
        }
      }
    });
  });

  // The text that a server of 18 sends is the one of 17, where no value is what once ended a COPY.
  test.skipIf(version === 18)(
    'line ends are read back when they stand in the only row, the first or the last',
    async () => {
      await session(await server?.createDatabase('line_ends'), async (publishing) => {
        const county = findCounty('union');
        // One row alone; rows between which plain ones stand.
        for (const [index, places] of [['b'], ['b', 'z']].entries()) {
          const partition = { dataset: 'nap' as const, county, year: 1000 + index };
          const plain = places
            .slice(1)
            .flatMap(() => ['c', 'd'].map((account_id) => ({ account_id, owner_name: 'plain' })));
          const contents = ['\r', '\r\n', '\n', 'a\r', 'a\r\nb', '\ra', '"\r"', 'a\nb\rc'].flatMap((end) => [
            byKey('nap', [...places.map((at) => ({ account_id: `${at}${end}`, owner_name: end })), ...plain]),
            byKey('nap', [
              ...places.map((at) => ({ account_id: at, owner_name: `${end} ${end}` })),
              ...plain,
            ]),
          ]);
          // Each content is read back when the next one comes.
          for (const [run, rows] of [...contents, plain].entries()) {
            const content = await stage(publishing, partition, rows, `run-${run}`);
            const { changes } = await publishOnce(publishing, partition, content, { everyRow: true });
            expect(changes).toEqual(expectedChanges('nap', contents[run - 1] ?? [], rows));
            expect(await heldRows(publishing, partition)).toEqual(rows);
          }
        }
      });
    },
  );
});

test('a text of megabytes that somebody wrote by hand is found and taken back', async () => {
  await session(undefined, async (publishing) => {
    const partition = { dataset: 'nap' as const, county: findCounty('union'), year: 2025 };
    const rows = ['1', '2'].map((account_id) => ({ account_id, owner_name: 'plain' }));
    const published = await stage(publishing, partition, rows, 'run-1');
    await publishOnce(publishing, partition, published);
    await publishing.target.query(
      "update dor_tangible set owner_name = repeat('long ', 700000) where account_id = '2'",
    );
    const repaired = await publishOnce(publishing, partition, published, { everyRow: true });
    expect(repaired.changes).toMatchObject({ update: 1, unchanged: 1 });
    expect(await heldRows(publishing, partition)).toEqual(rows);
  });
});
