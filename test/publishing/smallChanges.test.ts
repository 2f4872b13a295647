import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DorError } from '../../src/errors.ts';
import { hasWork } from '../../src/lake/plans.ts';
import type { Dataset, Partition } from '../../src/model.ts';
import type { Publishing } from '../../src/publishing/currentState.ts';
import { GUARDS, type GuardName } from '../../src/publishing/guards.ts';
import { findCounty } from '../../src/reference.ts';
import { DATASETS, ROLLS } from '../../src/rolls.ts';
import {
  ALL_GUARDS,
  byKey,
  expectedChanges,
  heldRows,
  publishOnce,
  type Row,
  session,
  stage,
} from './contents.ts';

/** Random cases; the long run is DOR_FUZZ=10000. */
const RUNS = Math.ceil(Number(process.env.DOR_FUZZ ?? 400) / 20);

/** One column of each kind. The second text is the one that may be filled in a single row. */
const COLUMNS: Record<
  Dataset,
  { texts: [string, string]; flag: string; amount: string; map: string | null }
> = {
  nal: {
    texts: ['owner_name', 'legal_desc'],
    flag: 'is_homestead',
    amount: 'just_value',
    map: 'exemptions',
  },
  sdf: { texts: ['clerk_no', 'mp_id'], flag: 'is_qualified', amount: 'sale_price', map: null },
  nap: {
    texts: ['owner_name', 'phy_city'],
    flag: 'is_out_of_state',
    amount: 'just_value',
    map: 'exemptions',
  },
};

type Kind = 'text' | 'rare' | 'flag' | 'amount' | 'map';

/** One row that comes, goes or changes, or a share of the rows, in percent, that goes or changes. */
type Change =
  | { do: 'insert'; key: string }
  | { do: 'delete'; at: number }
  | { do: 'update'; at: number; kind: Kind; value: string | null }
  | { do: 'delete many'; share: number }
  | { do: 'update many'; share: number; kind: Kind; value: string | null };

interface Case {
  roll: Dataset;
  /** Rows before. */
  size: number;
  /** How many of them have the rare text. */
  rare: 'none' | 'one' | 'half' | 'all';
  changes: Change[];
  /** Read the target back instead of believing the lake. */
  everyRow: boolean;
}

const key = fc.constantFrom('\\.', '\\N', '"', 'a\nb', '%', ' led', 'trailed ', "'", 'é–漢', '0');
const kind = fc.constantFrom<Kind>('text', 'rare', 'flag', 'amount', 'map');
/** A number for an amount and a map, a truth for a flag. */
const value = fc.option(fc.constantFrom('0', '1', '17', '1000', '999999999999'));
const at = fc.nat(400);
const share = fc.constantFrom(3, 5, 6, 10, 11, 25, 60, 61, 100);
const small: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), key }),
  fc.record({ do: fc.constant('delete' as const), at }),
  fc.record({ do: fc.constant('update' as const), at, kind, value }),
);
const many: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant('delete many' as const), share }),
  fc.record({ do: fc.constant('update many' as const), share, kind, value }),
);
const cases: fc.Arbitrary<Case> = fc.record({
  roll: fc.constantFrom(...DATASETS),
  size: fc.oneof(
    fc.constantFrom(0, 1, 2),
    fc.integer({ min: 3, max: 12 }),
    fc.integer({ min: 100, max: 400 }),
  ),
  rare: fc.constantFrom('none', 'one', 'half', 'all'),
  changes: fc.oneof(
    { weight: 3, arbitrary: fc.array(small, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(fc.oneof(small, many), { minLength: 1, maxLength: 3 }) },
  ),
  everyRow: fc.boolean(),
});

/** What random cases need not hit: each guard on either side of its limit, and the smallest changes. */
const always: [Case][] = DATASETS.flatMap((roll) =>
  (
    [
      [0, [{ do: 'insert', key: '\\.' }]],
      [1, [{ do: 'update', at: 0, kind: 'amount', value: '17' }]],
      [1, [{ do: 'delete', at: 0 }]],
      [200, [{ do: 'update', at: 7, kind: 'amount', value: '1007' }]],
      [200, [{ do: 'update', at: 0, kind: 'rare', value: null }]],
      [200, [{ do: 'insert', key: '\\.' }]],
      [100, [{ do: 'delete many', share: 10 }]],
      [100, [{ do: 'delete many', share: 11 }]],
      [100, [{ do: 'update many', share: 60, kind: 'text', value: '1' }]],
      [100, [{ do: 'update many', share: 61, kind: 'text', value: '1' }]],
      [100, [{ do: 'update many', share: 6, kind: 'flag', value: null }]],
      [100, [{ do: 'update many', share: 25, kind: 'amount', value: '0' }]],
      [100, [{ do: 'update many', share: 26, kind: 'amount', value: '0' }]],
      [100, [{ do: 'update many', share: 3, kind: 'amount', value: '100000' }]],
      [100, [{ do: 'update many', share: 30, kind: 'amount', value: '100000' }]],
      [100, [{ do: 'update many', share: 50, kind: 'amount', value: '100000' }]],
    ] as [number, Change[]][]
  ).map(([size, changes], index): [Case] => [
    { roll, size, rare: 'one', changes, everyRow: index % 4 === 3 },
  ]),
);

/** Keys that COPY and CSV trip over come first. */
function rowAt(roll: Dataset, index: number, { size, rare }: Pick<Case, 'size' | 'rare'>): Row {
  const { texts, flag, amount, map } = COLUMNS[roll];
  const hasRare = { none: false, one: index === 0, half: index < size / 2, all: true }[rare];
  return {
    ...keyed(roll, ['\\N', ' ', '"\n'][index] ?? `K${index}`),
    [texts[0]]: `TEXT ${index}`,
    [texts[1]]: hasRare ? '\\.' : null,
    [flag]: index % 4 < 2 ? index % 2 === 0 : null,
    [amount]: 1000,
    ...(map && { [map]: index % 2 === 0 ? { A: index, '\\.': 1 } : {} }),
  };
}

const keyed = (roll: Dataset, text: string): Row =>
  Object.fromEntries(ROLLS[roll].keys.staged.map((name) => [name, text]));

function valueFor(roll: Dataset, kind: Kind, value: string | null): Row {
  const { texts, flag, amount, map } = COLUMNS[roll];
  if (kind === 'map') return map ? { [map]: value === null ? null : { B: Number(value) } } : {};
  if (kind === 'flag') return { [flag]: value && value === '1' };
  if (kind === 'amount') return { [amount]: value && Number(value) };
  return { [kind === 'text' ? texts[0] : texts[1]]: value };
}

function changed(roll: Dataset, before: Row[], changes: Change[]): Row[] {
  let rows = before;
  for (const change of changes) rows = changedOnce(roll, rows, change);
  return rows;
}

function changedOnce(roll: Dataset, rows: Row[], change: Change): Row[] {
  if (change.do === 'insert') {
    const row = { ...rowAt(roll, 1, { size: 1, rare: 'none' }), ...keyed(roll, change.key) };
    const taken = rows.some((other) => ROLLS[roll].keys.staged.every((name) => other[name] === row[name]));
    return taken ? rows : rows.concat(row);
  }
  const many = 'share' in change ? Math.ceil((change.share * rows.length) / 100) : 0;
  const one = 'at' in change && rows.length > 0 ? change.at % rows.length : -1;
  const isHit = (index: number) => index < many || index === one;
  if (change.do === 'delete' || change.do === 'delete many') return rows.filter((_, index) => !isHit(index));
  const values = valueFor(roll, change.kind, change.value);
  return rows.map((row, index) => (isHit(index) ? { ...row, ...values } : row));
}

/** More than five rows, and either more than 1 % tenfold or the geometric mean from $1000 on by more than 25 %. */
function pricesMove(before: Row[], after: Row[]): boolean {
  const id = (row: Row) => JSON.stringify([row.parcel_id, row.sale_id]);
  const prices = (rows: Row[]) => {
    const all = rows.map((row): [string, number] => [id(row), Number(row.sale_price ?? 0)]);
    return new Map(all.filter(([, price]) => price > 0));
  };
  const [old, now] = [prices(before), prices(after)];
  const moving = [...new Set([...old.keys(), ...now.keys()])].filter((one) => old.get(one) !== now.get(one));
  const tenfold = moving.filter((one) => {
    const [a, b] = [old.get(one), now.get(one)];
    return a && b && Math.max(a, b) >= 10 * Math.min(a, b);
  });
  const logs = (all: Map<string, number>) => [...all.values()].filter((price) => price >= 1000).map(Math.log);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [logs(old), logs(now)];
  const moved = a.length && b.length ? Math.exp(mean(b) - mean(a)) - 1 : 0;
  return (
    (tenfold.length > 5 && tenfold.length / Math.max(a.length, b.length) > 0.01) ||
    (moving.length > 5 && Math.abs(moved) > 0.25)
  );
}

/** The guards that must close, by the numbers of the README. */
function mustClose(roll: Dataset, before: Row[], after: Row[]): GuardName[] {
  const { insert, update, delete: gone } = expectedChanges(roll, before, after);
  if (before.length === 0 || insert + update + gone === 0) return [];
  const percent = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole);
  const { amount } = COLUMNS[roll];
  const names = Object.keys(rowAt(roll, 0, { size: 1, rare: 'all' }));
  const isFilled = (cell: unknown) =>
    cell !== null && (typeof cell !== 'object' || Object.keys(cell!).length > 0);
  const fill = (rows: Row[], name: string) =>
    percent(rows.filter((row) => isFilled(row[name] ?? null)).length, rows.length);
  const emptier = names.some((name) => {
    const [was, is] = [fill(before, name), fill(after, name)];
    return was - is > 5 || (was > 0 && is === 0);
  });
  const total = (rows: Row[]) => rows.reduce((sum, row) => sum + Number(row[amount] ?? 0), 0);
  const [was, is] = [total(before), total(after)];
  const closed: Record<(typeof GUARDS)[number]['guard'], boolean> = {
    deletes: percent(gone, before.length) > 10,
    columns: emptier,
    rewrite: percent(update, before.length) > 60,
    value: roll !== 'sdf' && (was === 0 ? is > 0 : Math.abs(is - was) / was > 0.25),
    prices: roll === 'sdf' && pricesMove(before, after),
  };
  return GUARDS.map(({ guard }) => guard).filter((guard) => closed[guard]);
}

const publications = async ({ target }: Publishing, { dataset, county, year }: Partition) => {
  const [row] = await target.query(
    'select count(*)::int as n from dor_internal.publications where table_name = $1 and county_no = $2 and year = $3',
    [ROLLS[dataset].table, county.no, year],
  );
  return Number(row!.n);
};

test('small changes: exactly the wanted rows, or nothing where a guard closes; again, nothing to do', {
  timeout: 120_000 + 1000 * RUNS,
}, async () => {
  const seen = new Set<string>();
  await session(undefined, async (publishing) => {
    let year = 1000;
    const check = async ({ roll, size, rare, changes, everyRow }: Case) => {
      const partition = { dataset: roll, county: findCounty('union'), year: year++ };
      const before = byKey(
        roll,
        Array.from({ length: size }, (_, index) => rowAt(roll, index, { size, rare })),
      );
      const after = byKey(roll, changed(roll, before, changes));
      const old = await stage(publishing, partition, before, `old-${year}`);
      const now = await stage(publishing, partition, after, `now-${year}`);
      await publishOnce(publishing, partition, old);
      expect(await heldRows(publishing, partition)).toEqual(before);

      const closed = mustClose(roll, before, after);
      for (const { guard } of GUARDS) seen.add(`${guard} ${closed.includes(guard) ? 'closes' : 'is open'}`);
      // One option less than it takes opens nothing.
      for (const guard of closed) {
        const allow = new Set(closed.filter((other) => other !== guard));
        const error = await publishOnce(publishing, partition, now, { everyRow, allow }).catch(
          (thrown) => thrown,
        );
        expect(error).toBeInstanceOf(DorError);
        expect(error.remedy.match(/--\S+/g)).toEqual([
          `--${GUARDS.find((one) => one.guard === guard)!.flag}`,
        ]);
        expect(await heldRows(publishing, partition)).toEqual(before);
        expect(await publications(publishing, partition)).toBe(1);
      }
      const part = await publishOnce(publishing, partition, now, { everyRow, allow: new Set(closed) });
      expect(await heldRows(publishing, partition)).toEqual(after);
      expect(part.changes).toEqual(expectedChanges(roll, before, after));
      expect(part.changes.unchanged + part.changes.update + part.changes.insert).toBe(after.length);
      expect(part.guards.filter((one) => one.closed).map(({ guard }) => guard)).toEqual(closed);

      const published = await publications(publishing, partition);
      for (const every of [false, true])
        expect(
          hasWork(await publishOnce(publishing, partition, now, { everyRow: every, allow: new Set() })),
        ).toBe(false);
      expect(await publications(publishing, partition)).toBe(published);
    };
    await fc.assert(fc.asyncProperty(cases, check), { numRuns: RUNS + always.length, examples: always });
  });
  expect([...seen].sort()).toEqual(
    [...ALL_GUARDS].flatMap((guard) => [`${guard} closes`, `${guard} is open`]).sort(),
  );
});
