/** Guards on a change set: is this really meant? Each has an option that says yes. */

import type { Engine } from '../engine.ts';
import { DorError } from '../errors.ts';
import type { GuardVerdict, PlanPart } from '../lake/plans.ts';
import { parquet } from '../lake/snapshots.ts';
import { fileColumns } from './content.ts';

/** F10, the number of rows of the file against the last accepted one, closes before staging: gates.ts. */
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
] as const;

/** Not judged by the plan but by the target, while rows are deleted: push.ts. Nothing else opens it, not a rollback either. */
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

type Judged = Pick<PlanPart, 'table' | 'county' | 'year' | 'changes' | 'from' | 'to'>;

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
    `if that is right, publish it with ${closed.map(({ flag }) => flag).join(' ')}`,
  );
}

function judgeDeletes({ table, county, year, changes }: Judged, held: number) {
  const share = percent(changes.delete, held);
  return {
    closed: share > MAX_DELETE_PCT,
    message: `${changes.delete} of ${held} rows of ${table} ${county} ${year} would be deleted (${share.toFixed(1)} %, at most ${MAX_DELETE_PCT} %)`,
  };
}

function judgeRewrite({ changes, from, to }: Judged, held: number) {
  const share = percent(changes.update, held);
  const cause =
    from && from.sqlVersion !== to.sqlVersion
      ? `; the SQL moved from ${from.sqlVersion} to ${to.sqlVersion}`
      : '';
  return {
    closed: share > MAX_REWRITE_PCT,
    message: `${changes.update} of ${held} rows would change (${share.toFixed(1)} %, at most ${MAX_REWRITE_PCT} %${cause})`,
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
  const count = async (path: string | null, counted: string[], types = all) => {
    const fill = counted.map((name): [string, string] => [
      name,
      fillOf(name, types.get(name)!, mapAsText(name)),
    ]);
    // Sales have no total: then nothing may be left to count.
    const total: [string, string][] = all.has('just_value') ? [[TOTAL, 'coalesce(sum(just_value), 0)']] : [];
    return path ? countAll(engine, path, [...fill, ...total]) : new Map<string, bigint>();
  };
  const [gone, come] = [await count(sides.before, names, before), await count(sides.after, names)];
  // While the number of rows hardly moves, only a column that loses values can become emptier: look at those alone.
  const moves = Math.abs(percent(part.to.rows - held, held)) > 1;
  const doubtful = names.filter((name) => moves || (gone.get(name) ?? 0n) > (come.get(name) ?? 0n));
  const now = await count(sides.wanted, doubtful);
  const was = (name: string) => (now.get(name) ?? 0n) - (come.get(name) ?? 0n) + (gone.get(name) ?? 0n);
  const lost = doubtful
    .map((name) => ({
      name,
      before: percent(Number(was(name)), held),
      after: percent(Number(now.get(name) ?? 0n), part.to.rows),
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
    message: `the total of the just values goes from ${from.toLocaleString('en-US')} to ${to.toLocaleString('en-US')} (${moved.toFixed(1)} %, at most ${MAX_VALUE_PCT} %)`,
  };
  return { columns, value };
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

const percent = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole);
