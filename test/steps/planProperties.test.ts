import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine, literal } from '../../src/engine.ts';
import { SQL } from '../../src/lake/paths.ts';
import { hasWork, keepPlan, type PlanPart } from '../../src/lake/plans.ts';
import { keepSnapshot, type Snapshot } from '../../src/lake/snapshots.ts';
import type { Partition } from '../../src/model.ts';
import { findCounty } from '../../src/reference.ts';
import { openBase, type Publishing } from '../../src/steps/base.ts';
import { contentInDuckDb, duckType, type TableColumn, tableColumns } from '../../src/steps/content.ts';
import { planPart } from '../../src/steps/plan.ts';
import { apply } from '../../src/steps/publish.ts';
import { recover } from '../../src/steps/recover.ts';
import { migrate } from '../../src/target/migrate.ts';
import { openTarget } from '../../src/target/target.ts';
import { startServer, type TestServer } from '../server.ts';
import { temporaryFolder } from '../workspace.ts';

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
    fc.constantFrom('"', ',', 'a\nb', '\\N', "O'BRIEN", ' ', 'null', '\\.', 'é–漢', '{}', '0012'),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are meant
  .filter((value) => !/[\u0000\u001e\u001f\r]/.test(value));
const keys = fc.constantFrom('1', '0001', 'A,1', 'a"b', 'é', 'x\ny', '-', "'", '9'.repeat(26), ' s');
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

/** A staged file of the tangible roll with these rows. */
async function stage(
  engine: Engine,
  columns: TableColumn[],
  { county, year }: Partition,
  rows: Content,
  folder: string,
  run: string,
): Promise<Snapshot> {
  mkdirSync(folder, { recursive: true });
  const json = join(folder, `${run}.ndjson`);
  const line = ([account_id, row]: [string, Account]) =>
    JSON.stringify({ ...row, account_id, extra: row.extra && JSON.stringify(row.extra) });
  writeFileSync(json, [...rows].map(line).join('\n'));
  const type = (column: TableColumn) =>
    column.name === 'exemptions' ? 'map(varchar, bigint)' : duckType(column);
  const types = new Map(columns.map((column) => [column.name, type(column).toUpperCase()]));
  const given = ['account_id', 'owner_name', 'is_out_of_state', 'just_value', 'exemptions', 'extra'];
  const select = columns
    .filter(({ name }) => name !== 'row_hash')
    .map((column) => {
      if (column.name === 'county_no') return `${county.no}::smallint as county_no`;
      if (column.name === 'year') return `${year}::smallint as year`;
      if (column.name === 'county') return `'Union' as county`;
      return given.includes(column.name)
        ? `j.${column.name}`
        : `null::${types.get(column.name)} as ${column.name}`;
    });
  const read = `read_json(${literal(json)}, format = 'newline_delimited',
    columns = {${given.map((name) => `${literal(name)}: ${literal(types.get(name)!)}`).join(', ')}})`;
  const path = join(folder, `${run}.parquet`);
  await engine.run(
    `copy (select *, row_hash(${contentInDuckDb(columns, types)}) as row_hash from (select ${select.join(', ')} from ${read} j))
     to ${literal(path)} (format parquet)`,
  );
  const sums = await engine.row(
    `select count(*)::int as n, coalesce(sum(row_hash), 0)::varchar as checksum from read_parquet(${literal(path)})`,
  );
  const revision = {
    run,
    rows: Number(sums.n),
    checksum: String(sums.checksum),
    sourceSha256: '',
    stage: null,
    submission: null,
    sqlVersion: 'x',
    sample: false,
  };
  return { revision, path, mediansPath: null };
}

async function held({ county, year }: Partition): Promise<Content> {
  const { rows } = await client.query(
    `select account_id, owner_name, is_out_of_state, just_value::float8 as just_value, exemptions, extra
     from dor_tangible where county_no = $1 and year = $2`,
    [county.no, year],
  );
  return new Map(rows.map(({ account_id, ...row }) => [account_id, row]));
}

const byKey = (rows: Content) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

/** What a diff must find, by the model. */
function expected(before: Content, after: Content) {
  const same = (key: string) =>
    before.has(key) &&
    after.has(key) &&
    JSON.stringify(sorted(before.get(key)!)) === JSON.stringify(sorted(after.get(key)!));
  const all = [...new Set([...before.keys(), ...after.keys()])];
  return {
    insert: all.filter((key) => !before.has(key)).length,
    delete: all.filter((key) => !after.has(key)).length,
    unchanged: all.filter(same).length,
    update: all.filter((key) => before.has(key) && after.has(key) && !same(key)).length,
  };
}

const sorted = (row: Account) => ({
  ...row,
  exemptions: Object.entries(row.exemptions).sort(),
  extra: row.extra && Object.entries(row.extra).sort(),
});

async function session(work: (publishing: Publishing, columns: TableColumn[]) => Promise<void>) {
  const lake = temporaryFolder();
  const scratch = join(lake, 'tmp');
  mkdirSync(scratch);
  const engine = await Engine.open({ threads: 2, memoryLimitMb: 256, tempDirectory: scratch });
  const target = await openTarget(url, lake, true);
  try {
    await migrate(target);
    await engine.file(join(SQL, 'stage/macros.sql'));
    await work(
      { engine, target, lake, scratch, say: () => {}, redact: [] },
      await tableColumns(target, 'public.dor_tangible'),
    );
  } finally {
    await target.close();
    engine.close();
  }
}

let plans = 0;

/** Plans a content and applies the plan, as every command does. */
async function bring(
  publishing: Publishing,
  partition: Partition,
  content: Snapshot,
  everyRow: boolean,
): Promise<PlanPart> {
  const folder = join(publishing.scratch, `plan${plans++}`);
  mkdirSync(folder);
  const wanted = keepSnapshot(publishing.lake, partition, content);
  const base = await openBase(publishing, partition, everyRow);
  const part = await planPart(publishing, partition, base, wanted, folder, new Set());
  await recover(publishing, partition, base, part, { wanted, folder });
  if (!hasWork(part)) return part;
  const { id, label, schema } = publishing.target;
  const plan = keepPlan(publishing.lake, folder, {
    kind: 'publish',
    county: partition.county.slug,
    target: { id, label, schema },
    parts: [part],
  });
  await apply(publishing, plan, part, null, (_step, work) => work(() => {}));
  return part;
}

test('for arbitrary contents: plan and apply = new, again = nothing, back = old, whatever the lake remembers', async () => {
  await session(async (publishing, columns) => {
    let year = 1000;
    await fc.assert(
      fc.asyncProperty(content, content, fc.boolean(), async (old, now, everyRow) => {
        const partition = { dataset: 'nap' as const, county: findCounty('union'), year: year++ };
        const folder = join(publishing.scratch, `staged${year}`);
        const before = await stage(publishing.engine, columns, partition, old, folder, `old-${year}`);
        const after = await stage(publishing.engine, columns, partition, now, folder, `now-${year}`);

        await bring(publishing, partition, before, everyRow);
        expect(byKey(await held(partition))).toEqual(byKey(old));
        const forward = await bring(publishing, partition, after, everyRow);
        expect(byKey(await held(partition))).toEqual(byKey(now));
        expect(forward.changes).toEqual(expected(old, now));
        const again = await bring(publishing, partition, after, everyRow);
        expect(hasWork(again)).toBe(false);
        const back = await bring(publishing, partition, before, everyRow);
        expect(byKey(await held(partition))).toEqual(byKey(old));
        expect(back.changes).toEqual(expected(now, old));
      }),
      { numRuns: RUNS },
    );
  });
});

test('for arbitrary changes by others: drift counts exactly those, and repair undoes them', async () => {
  await session(async (publishing, columns) => {
    let year = 5000;
    await fc.assert(
      fc.asyncProperty(content, content, async (ours, theirs) => {
        const partition = { dataset: 'nap' as const, county: findCounty('union'), year: year++ };
        const folder = join(publishing.scratch, `staged${year}`);
        const published = await stage(publishing.engine, columns, partition, ours, folder, `run-${year}`);
        await bring(publishing, partition, published, false);
        await tamper(partition, theirs);
        const repaired = await bring(publishing, partition, published, true);
        expect(repaired.changes).toEqual(expected(theirs, ours));
        expect(byKey(await held(partition))).toEqual(byKey(ours));
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
