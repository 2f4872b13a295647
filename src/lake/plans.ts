/** Plans: what would be published, as files that one can read first and that cannot change unnoticed. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DorError, EXIT } from '../errors.ts';
import type { Changes, Dataset, Partition, Publication, Revision } from '../model.ts';
import { findCounty } from '../reference.ts';
import { writeFileDurably } from './durable.ts';
import { digestFile } from './fileSeal.ts';
import { plansFolder } from './paths.ts';

/** publish: staged rows. rollback: a former publication. repair: the newest one, over what others changed. */
export type PlanKind = 'publish' | 'rollback' | 'repair';

export interface PlanFile {
  /** Relative to the plan's folder. */
  path: string;
  sha256: string;
}

/** How often a column changes among the updates, most often first. */
export interface ColumnChange {
  name: string;
  rows: number;
  /** Values as text. */
  samples: { key: string; before: string | null; after: string | null }[];
}

/** What a guard found. `closed` stops the apply, unless `allowed`. */
export interface GuardVerdict {
  guard: string;
  /** The option that lets it pass. */
  flag: string;
  closed: boolean;
  allowed: boolean;
  message: string;
}

/** The change set of one partition. */
export interface PlanPart {
  dataset: Dataset;
  table: string;
  county: string;
  year: number;
  /** What the target's publication log named when the plan was made; null when it had nothing. */
  from: Publication | null;
  /** What the target holds afterwards. */
  to: Revision;
  /** Where the rows that the target holds were taken from. */
  currentFrom: 'empty' | 'lake' | 'target';
  /** Why the lake's own record was not believed; null when it was. */
  readBack: string | null;
  changes: Changes;
  /** The county's medians differ; only with the parcels. */
  mediansDiffer: boolean;
  columns: ColumnChange[];
  /** Updates that `columns` counts: fewer than all when there are very many. */
  columnsOf: number;
  guards: GuardVerdict[];
  /** Other tables and years of the county whose bundled sample leaves with this part; earlier versions did not say. */
  withdraws?: { table: string; year: number }[];
  /**
   * Parquet. `changes`: op, key, names of the changed columns. `before`: rows that go or change, as they are.
   * `after`: rows that come or change, as they will be. `hidden`: keys of these that no listing shows. Null when there
   * are none; a first load has no `changes`.
   */
  files: {
    changes: PlanFile | null;
    before: PlanFile | null;
    after: PlanFile | null;
    hidden: PlanFile | null;
  };
}

export interface Plan {
  id: string;
  kind: PlanKind;
  county: string;
  createdAt: string;
  target: { id: string; label: string; schema: string };
  parts: PlanPart[];
  /** SHA-256 over everything else, the files' digests included. */
  digest: string;
}

/** True when the part changes anything in the target. */
export const hasWork = ({ changes, mediansDiffer, from, withdraws }: PlanPart) =>
  changes.insert + changes.update + changes.delete > 0 ||
  mediansDiffer ||
  from === null ||
  (withdraws ?? []).length > 0;

export const partitionOf = ({ dataset, county, year }: PlanPart): Partition => ({
  dataset,
  county: findCounty(county),
  year,
});

/** Gives a plan its id and its digest. */
export function closePlan(plan: Omit<Plan, 'id' | 'digest' | 'createdAt'>, now = new Date()): Plan {
  const createdAt = now.toISOString();
  const digest = digestOf({ ...plan, createdAt });
  return { id: idOf({ ...plan, createdAt }, digest), ...plan, createdAt, digest };
}

/** Closes a plan whose files lie in `folder` and moves it into the lake under its id; one that does nothing is not kept. */
export function keepPlan(
  lake: string,
  folder: string,
  plan: Omit<Plan, 'id' | 'digest' | 'createdAt'>,
  now = new Date(),
): Plan {
  const closed = closePlan(plan, now);
  if (!plan.parts.some(hasWork)) return closed;
  writeFileDurably(join(folder, 'plan.json'), `${JSON.stringify(closed, null, 2)}\n`);
  mkdirSync(plansFolder(lake), { recursive: true });
  renameSync(folder, join(plansFolder(lake), closed.id));
  return closed;
}

/**
 * Opens a plan by its id or the beginning of it.
 * @throws DorError when there is none, or when it or one of its files is not what it was.
 */
export function openPlan(lake: string, wanted: string): { plan: Plan; folder: string } {
  const found = listPlans(lake).filter((id) => wanted !== '' && id.startsWith(wanted));
  if (found.length !== 1) {
    throw new DorError(
      found.length === 0
        ? `There is no plan "${wanted}" in ${plansFolder(lake)}`
        : `"${wanted}" fits several plans: ${found.join(', ')}`,
      'make one with dor plan <county>; it prints the id',
      EXIT.usage,
    );
  }
  const folder = join(plansFolder(lake), found[0]!);
  const read = parsePlan(join(folder, 'plan.json'));
  if (!read) throw altered(found[0]!, `${join(folder, 'plan.json')} is damaged`);
  const { id, digest, ...rest } = read;
  if (id !== found[0]) throw altered(found[0]!, 'plan.json is that of another plan');
  if (digestOf(rest) !== digest || idOf(rest, digest) !== id)
    throw altered(id, 'plan.json is not what was written');
  for (const { files } of rest.parts) {
    for (const file of Object.values(files)) {
      if (!file) continue;
      const path = join(folder, file.path);
      if (!existsSync(path)) throw altered(id, `${file.path} is gone`);
      if (digestFile(path) !== file.sha256) throw altered(id, `${file.path} is not what was written`);
    }
  }
  return { plan: { id, digest, ...rest }, folder };
}

/** The plan as it is written there; undefined when it is none. */
function parsePlan(path: string): Plan | undefined {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Plan | null;
    return read && typeof read.createdAt === 'string' && Array.isArray(read.parts) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** The id is made of what the digest covers: a plan under another name is another plan. */
const idOf = ({ createdAt, county }: Pick<Plan, 'createdAt' | 'county'>, digest: string) =>
  `${createdAt.replace(/[-:]|\.\d+/g, '')}-${county}-${digest.slice(0, 8)}`;

/** Ids of all plans, in the order of their names. */
export function listPlans(lake: string): string[] {
  const folder = plansFolder(lake);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((id) => existsSync(join(folder, id, 'plan.json')))
    .sort();
}

/** Leaves samples of the county's plans out. @param hidden which of these row keys nothing may show. */
export async function redactPlans(
  lake: string,
  county: string,
  hidden: (keys: string[]) => Promise<Set<string>>,
): Promise<void> {
  for (const id of listPlans(lake).filter((one) => one.includes(`-${county}-`))) {
    const path = join(plansFolder(lake), id, 'plan.json');
    const plan = parsePlan(path);
    // One that is damaged can be neither shown nor applied, and stops no run.
    if (!plan) continue;
    const columns = plan.parts.flatMap((part) => part.columns);
    const found = await hidden(columns.flatMap(({ samples }) => samples.map(({ key }) => key)));
    if (found.size === 0) continue;
    for (const column of columns) column.samples = column.samples.filter(({ key }) => !found.has(key));
    writeFileDurably(path, `${JSON.stringify(plan, null, 2)}\n`);
  }
}

function altered(id: string, what: string): DorError {
  return new DorError(`The plan ${id} has moved: ${what}; nothing was published`, 'make a new plan');
}

/**
 * Keys in a fixed order, so that the digest does not depend on how the object was made. Without the samples: they go when
 * their parcel turns out confidential, and what is applied is in the files.
 */
function digestOf(plan: Omit<Plan, 'id' | 'digest'>): string {
  const { kind, county, createdAt, target } = plan;
  const parts = plan.parts.map((part) => ({
    ...part,
    columns: part.columns.map(({ name, rows }) => ({ name, rows })),
  }));
  return createHash('sha256')
    .update(JSON.stringify([kind, county, createdAt, target, parts]))
    .digest('hex');
}
