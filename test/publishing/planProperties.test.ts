import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasWork } from '../../src/lake/plans.ts';
import type { Partition } from '../../src/model.ts';
import { findCounty } from '../../src/reference.ts';
import { startServer, type TestServer } from '../server.ts';
import { byKey, expectedChanges, heldRows, publishOnce, type Row, session, stage } from './contents.ts';

/** Arbitrary partitions are arbitrary in what SQL and CSV trip over, not in size. */
const RUNS = Number(process.env.DOR_PROPERTY_RUNS ?? 20);

let server: TestServer;
let client: pg.Client;
let url: string;
beforeAll(async () => {
  server = await startServer();
  url = await server.createDatabase('properties');
  client = new pg.Client(url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

interface Account {
  owner_name: string | null;
  is_out_of_state: boolean | null;
  just_value: number | null;
  exemptions: Record<string, number>;
  extra: Record<string, string | null> | null;
}
type Content = Map<string, Account>;

// '' is never staged, NUL is no text in Postgres, and the separators of hashes occur in no roll.
const text = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
    fc.constantFrom(
      '"',
      ',',
      'a\nb',
      'a\r\nb',
      '\r',
      '\\N',
      "O'BRIEN",
      ' ',
      'null',
      '\\.',
      'é–漢',
      '{}',
      '0012',
    ),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are meant
  .filter((value) => !/[\u0000\u001e\u001f]/.test(value));
const keys = fc.constantFrom(
  '1',
  '0001',
  'A,1',
  'a"b',
  'é',
  'x\ny',
  'x\r\ny',
  'x\r',
  '-',
  "'",
  '9'.repeat(26),
  ' s',
);
const account: fc.Arbitrary<Account> = fc.record({
  owner_name: fc.option(text),
  is_out_of_state: fc.option(fc.boolean()),
  just_value: fc.option(fc.integer({ min: 0, max: 999_999_999_999 })),
  exemptions: fc.dictionary(fc.constantFrom('A', 'B1', 'Z', 'a'), fc.integer({ min: 0, max: 1e9 })),
  extra: fc.option(fc.dictionary(text, fc.option(text), { maxKeys: 3 })),
});
const content: fc.Arbitrary<Content> = fc
  .dictionary(keys, account, { maxKeys: 8, noNullPrototype: true })
  .map((rows) => new Map(Object.entries(rows)));

const rowsOf = (content: Content): Row[] =>
  byKey(
    'nap',
    [...content].map(([account_id, row]) => ({ account_id, ...row })),
  );

test('for arbitrary contents: plan and apply = new, again = nothing, back = old, whatever the lake remembers', async () => {
  await session(url, async (publishing) => {
    let year = 1000;
    await fc.assert(
      fc.asyncProperty(content, content, fc.boolean(), async (before, after, everyRow) => {
        const partition = { dataset: 'nap' as const, county: findCounty('union'), year: year++ };
        const [old, now] = [rowsOf(before), rowsOf(after)];
        const former = await stage(publishing, partition, old, `old-${year}`);
        const newer = await stage(publishing, partition, now, `now-${year}`);

        await publishOnce(publishing, partition, former, { everyRow });
        expect(await heldRows(publishing, partition)).toEqual(old);
        const forward = await publishOnce(publishing, partition, newer, { everyRow });
        expect(await heldRows(publishing, partition)).toEqual(now);
        expect(forward.changes).toEqual(expectedChanges('nap', old, now));
        const again = await publishOnce(publishing, partition, newer, { everyRow });
        expect(hasWork(again)).toBe(false);
        const back = await publishOnce(publishing, partition, former, { everyRow });
        expect(await heldRows(publishing, partition)).toEqual(old);
        expect(back.changes).toEqual(expectedChanges('nap', now, old));
      }),
      { numRuns: RUNS },
    );
  });
});

test('for arbitrary changes by others: drift counts exactly those, and repair undoes them', async () => {
  await session(url, async (publishing) => {
    let year = 5000;
    await fc.assert(
      fc.asyncProperty(content, content, async (ours, theirs) => {
        const partition = { dataset: 'nap' as const, county: findCounty('union'), year: year++ };
        const published = await stage(publishing, partition, rowsOf(ours), `run-${year}`);
        await publishOnce(publishing, partition, published);
        await tamper(partition, theirs);
        const repaired = await publishOnce(publishing, partition, published, { everyRow: true });
        expect(repaired.changes).toEqual(expectedChanges('nap', rowsOf(theirs), rowsOf(ours)));
        expect(await heldRows(publishing, partition)).toEqual(rowsOf(ours));
      }),
      { numRuns: RUNS },
    );
  });
});

/** Makes the table hold something else, by hand: hashes stay as they were where the row stays. */
async function tamper({ county, year }: Partition, rows: Content) {
  await client.query(
    'delete from dor_tangible where county_no = $1 and year = $2 and account_id <> all ($3)',
    [county.no, year, [...rows.keys()]],
  );
  for (const [key, row] of rows) {
    await client.query(
      `insert into dor_tangible (county_no, year, account_id, county, owner_name, is_out_of_state, just_value, exemptions, extra, row_hash)
       values ($1, $2, $3, 'Union', $4, $5, $6, $7, $8, 1)
       on conflict (county_no, year, account_id) do update set owner_name = excluded.owner_name,
         is_out_of_state = excluded.is_out_of_state, just_value = excluded.just_value, exemptions = excluded.exemptions, extra = excluded.extra`,
      [
        county.no,
        year,
        key,
        row.owner_name,
        row.is_out_of_state,
        row.just_value,
        JSON.stringify(row.exemptions),
        row.extra && JSON.stringify(row.extra),
      ],
    );
  }
}
