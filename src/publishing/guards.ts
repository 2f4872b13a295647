/** Guards on a change set: is this really meant? Each has an option that says yes. */

import type { Engine } from '../engine.ts';
import { DorError } from '../errors.ts';
import { count, percent, percentage } from '../formats.ts';
import type { GuardVerdict, PlanPart } from '../lake/plans.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { fileColumns } from './content.ts';

/** F10, the roll against the county's last good ones, closes before staging: baseline.ts. */
export const GUARDS = [
  { guard: 'deletes', flag: 'allow-deletes', describe: 'delete more than 10 % of a partition' },
  {
    guard: 'columns',
    flag: 'allow-emptied-columns',
    describe: 'let a column become empty or lose more than 5 points of fill',
  },
  {
    guard: 'rewrite',
    flag: 'allow-rewrite',
    describe: 'change more than 60 % of the rows of a known roll year',
  },
  {
    guard: 'value',
    flag: 'allow-value-change',
    describe: 'let the total of the just values move by more than 25 %',
  },
  {
    guard: 'prices',
    flag: 'allow-price-change',
    describe: 'let many sale prices change tenfold, or the typical one move by more than 25 %',
  },
] as const;

/** Judged by the target, when it is planned and again while rows are deleted: merge.ts. Nothing else opens it, not a rollback either. */
export const CASCADES = {
  guard: 'cascades',
  flag: 'allow-cascades',
  describe: 'delete rows although others refer to them by a constraint that deletes or empties those, too',
} as const;

export type GuardName = (typeof GUARDS)[number]['guard'] | typeof CASCADES.guard;

const MAX_DELETE_PCT = 10;
const MAX_FILL_LOSS = 5;
const MAX_REWRITE_PCT = 60;
const MAX_VALUE_PCT = 25;
const MAX_TENFOLD_PCT = 1;
/** Rows that may do what they like: a sale that was entered wrongly is corrected, a small county has few. */
const FEW_ROWS = 5;

type Judged = Pick<PlanPart, 'dataset' | 'table' | 'county' | 'year' | 'changes' | 'from' | 'to'>;

/** The rows of a change set: those that go or change as they are, those that come or change as they will be. */
interface Sides {
  before: string | null;
  after: string | null;
  /** The whole content afterwards. */
  wanted: string;
}

/**
 * All verdicts, in the order of GUARDS. Where the target holds no row, at first or since a publication of none, there is
 * nothing to compare with, and none; generated rows say nothing about the real ones that take their place.
 */
export async function judgeChanges(
  engine: Engine,
  part: Judged,
  sides: Sides,
  allow: ReadonlySet<GuardName>,
): Promise<GuardVerdict[]> {
  const { insert, update, delete: gone, unchanged } = part.changes;
  const held = unchanged + update + gone;
  const replacesSample = part.from?.sample && !part.to.sample;
  if (held === 0 || replacesSample || insert + update + gone === 0) return [];
  const found: Partial<Record<GuardName, { closed: boolean; message: string }>> = {
    deletes: judgeDeletes(part, held),
    rewrite: judgeRewrite(part, held),
    ...(await judgeColumns(engine, part, held, sides)),
    ...(await judgePrices(engine, part, sides)),
  };
  return GUARDS.flatMap(({ guard, flag }) => {
    const verdict = found[guard];
    return verdict ? [{ guard, flag: `--${flag}`, ...verdict, allowed: allow.has(guard) }] : [];
  });
}

/** @throws DorError naming all guards that are closed and not allowed, and their options. */
export function passGuards(part: Judged & { guards: GuardVerdict[] }, allow: ReadonlySet<GuardName>): void {
  const closed = part.guards.filter(
    ({ guard, closed, allowed }) => closed && !allowed && !allow.has(guard as GuardName),
  );
  if (closed.length === 0) return;
  throw new DorError(
    `${part.table} ${part.county} ${part.year}: ${closed.map(({ message }) => message).join('; ')}; nothing was published`,
    // A rollback or a repair has no such option; its plan can be applied.
    `if that is right, publish it with ${[...new Set(closed.map(({ flag }) => flag))].join(' ')} (dor ingest, or dor apply <plan>)`,
  );
}

function judgeDeletes({ table, county, year, changes }: Judged, held: number) {
  const share = percentage(changes.delete, held);
  return {
    closed: share > MAX_DELETE_PCT,
    message: `${changes.delete} of ${held} rows of ${table} ${county} ${year} would be deleted (${percent(changes.delete, held, 1)}, at most ${MAX_DELETE_PCT} %)`,
  };
}

function judgeRewrite({ changes, from, to }: Judged, held: number) {
  const share = percentage(changes.update, held);
  const cause =
    from && from.sqlVersion !== to.sqlVersion
      ? `; the SQL moved from ${from.sqlVersion} to ${to.sqlVersion}`
      : '';
  return {
    closed: share > MAX_REWRITE_PCT,
    message: `${changes.update} of ${held} rows would change (${percent(changes.update, held, 1)}, at most ${MAX_REWRITE_PCT} %${cause})`,
  };
}

/**
 * Fill and totals before and after. Rows that stay equal weigh alike on both sides, so that what was before follows
 * from the content afterwards and the two sides of the change set, wherever the rows before lie.
 */
async function judgeColumns(engine: Engine, part: Judged, held: number, sides: Sides) {
  const all = await fileColumns(engine, sides.wanted);
  const before = sides.before ? await fileColumns(engine, sides.before) : all;
  // A column of another type, or one that was not there, was not filled in the same sense. A map that was read back is text.
  const mapAsText = (name: string) => all.get(name)!.startsWith('MAP') && before.get(name) === 'VARCHAR';
  const names = [...all.keys()].filter((name) => before.get(name) === all.get(name) || mapAsText(name));
  const filled = async (path: string | null, counted: string[], types = all) => {
    const fill = counted.map((name): [string, string] => [
      name,
      fillOf(name, types.get(name)!, mapAsText(name)),
    ]);
    // Sales have no total: then nothing may be left to count.
    const total: [string, string][] = all.has('just_value') ? [[TOTAL, 'coalesce(sum(just_value), 0)']] : [];
    return path ? countAll(engine, path, [...fill, ...total]) : new Map<string, bigint>();
  };
  const [gone, come] = [await filled(sides.before, names, before), await filled(sides.after, names)];
  // While the number of rows hardly moves, only a column that loses values can become emptier: look at those alone.
  const moves = Math.abs(percentage(part.to.rows - held, held)) > 1;
  const doubtful = names.filter((name) => moves || (gone.get(name) ?? 0n) > (come.get(name) ?? 0n));
  const now = await filled(sides.wanted, doubtful);
  const was = (name: string) => (now.get(name) ?? 0n) - (come.get(name) ?? 0n) + (gone.get(name) ?? 0n);
  const lost = doubtful
    .map((name) => ({
      name,
      before: percentage(Number(was(name)), held),
      after: percentage(Number(now.get(name) ?? 0n), part.to.rows),
    }))
    .filter(({ before, after }) => before - after > MAX_FILL_LOSS || (before > 0 && after === 0));
  const columns = {
    closed: lost.length > 0,
    message:
      lost.length > 0
        ? `columns become emptier: ${lost.map(({ name, before, after }) => `${name} ${before.toFixed(1)} % → ${after.toFixed(1)} % filled`).join(', ')}`
        : `no column becomes empty or loses more than ${MAX_FILL_LOSS} points of fill`,
  };
  if (!names.includes('just_value')) return { columns };
  const [from, to] = [Number(was(TOTAL)), Number(now.get(TOTAL))];
  const moved = from === 0 ? (to === 0 ? 0 : 100) : (100 * (to - from)) / from;
  const value = {
    closed: Math.abs(moved) > MAX_VALUE_PCT,
    message: `the total of the just values goes from ${count(from)} to ${count(to)} (${moved.toFixed(1)} %, at most ${MAX_VALUE_PCT} %)`,
  };
  return { columns, value };
}

/**
 * Prices in another unit, such as cents, for all or for some of the rows. A total would follow one large sale, so what is
 * looked at is how many prices move tenfold or more, and the typical price: the geometric mean of those from $1000 on,
 * below which deeds without a sale lie. It moves by a quarter when a twentieth of the prices is multiplied by 100, and it
 * sees rows that come as well. Of the parcels, the price of the last sale.
 */
async function judgePrices(engine: Engine, { dataset }: Judged, sides: Sides) {
  for (const path of [sides.wanted, sides.before, sides.after])
    if (path && !(await fileColumns(engine, path)).has('sale_price')) return {};
  const keys = ROLLS[dataset].keys.staged.join(', ');
  const side = (path: string | null) =>
    path ? parquet(path) : `(select * from ${parquet(sides.wanted)} limit 0)`;
  const sums = (path: string | null) => `(select count(*) as n, coalesce(sum(ln(sale_price)), 0) as logs
    from ${side(path)} where sale_price >= 1000)`;
  const priced = (path: string | null) =>
    `(select ${keys}, sale_price from ${side(path)} where sale_price > 0)`;
  const row = await engine.row(
    `select now.n - come.n + gone.n as n_before, greatest(n_before, now.n) as n, moving, tenfold,
       exp(now.logs / nullif(now.n, 0)) as after,
       exp((now.logs - come.logs + gone.logs) / nullif(n_before, 0)) as before
     from ${sums(sides.wanted)} now, ${sums(sides.after)} come, ${sums(sides.before)} gone,
       (select count_if(b.sale_price is distinct from a.sale_price) as moving,
          count_if(greatest(b.sale_price, a.sale_price) >= 10 * least(b.sale_price, a.sale_price)
            and b.sale_price is not null and a.sale_price is not null) as tenfold
        from ${priced(sides.before)} b full join ${priced(sides.after)} a using (${keys}))`,
  );
  const [tenfold, before, after] = [Number(row.tenfold), Number(row.before ?? 0), Number(row.after ?? 0)];
  const moved = before > 0 && after > 0 ? (100 * (after - before)) / before : 0;
  const isMany = tenfold > FEW_ROWS && percentage(tenfold, Number(row.n)) > MAX_TENFOLD_PCT;
  const isMoved = Number(row.moving) > FEW_ROWS && Math.abs(moved) > MAX_VALUE_PCT;
  const dollars = (amount: number) => count(Math.round(amount));
  return {
    prices: {
      closed: isMany || isMoved,
      message: `${tenfold} of ${row.n} sale prices change tenfold or more (at most ${MAX_TENFOLD_PCT} %), the typical one goes from ${dollars(before)} to ${dollars(after)} (${moved.toFixed(1)} %, at most ${MAX_VALUE_PCT} %): dollars, or cents?`,
    },
  };
}

/** Key of the total of the just values beside the counts; no column is called so. */
const TOTAL = 'sum(just_value)';

/** Counts the filled values of a column: no exemption is {}, as a map and as the text of one. */
function fillOf(name: string, type: string, mapAsText: boolean): string {
  if (type.startsWith('MAP')) return `count(*) filter (cardinality(${name}) > 0)`;
  return mapAsText ? `count(*) filter (${name} <> '{}')` : `count(${name})`;
}

/** What is counted, by its name. */
async function countAll(
  engine: Engine,
  path: string,
  wanted: [name: string, expression: string][],
): Promise<Map<string, bigint>> {
  if (wanted.length === 0) return new Map();
  const select = wanted.map(([, expression], index) => `(${expression})::varchar as c${index}`);
  const row = await engine.row(`select ${select.join(', ')} from ${parquet(path)}`);
  return new Map(wanted.map(([key], index) => [key, BigInt(String(row[`c${index}`]))]));
}
