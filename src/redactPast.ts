/**
 * A parcel turns out confidential when its roll is read, and by then its sales, earlier rolls and plans have been shown.
 * What the lake keeps of that is looked through again before it takes the roll, so that a kill between leaves nothing open.
 */

import {
  CONFIDENTIAL,
  confidentialIds,
  gatherKeys,
  listConfidential,
  namingConfidential,
} from './confidential.ts';
import type { Engine } from './engine.ts';
import { stagedDamage } from './lake/damage.ts';
import { forgetHistory } from './lake/history.ts';
import { listRuns, readRun, readStaged, writeRun, writeStaged } from './lake/manifest.ts';
import { redactPlans } from './lake/plans.ts';
import { stagedFile, stagedPartitions } from './lake/staged.ts';
import type { County, Dataset, Partition, RuleResult, RunManifest } from './model.ts';
import { withoutValues } from './redaction.ts';
import { ROLLS } from './rolls.ts';
import type { IngestContext } from './run.ts';
import { parquet } from './sqlText.ts';
import { profile } from './steps/profile.ts';

export interface ShownRoll {
  partition: Partition;
  /** What the run at hand has found and may show of it. */
  rules: RuleResult[];
  /** The roll; null when it is refused. */
  stagedPath: string | null;
  /** Its dead letters. */
  rejectedPath: string;
}

/**
 * Looks for parcels and accounts that are confidential by what is about to be accepted and were not before, leaves all of them in
 * `confidential_keys`, and hides the new ones in the county's runs, histories and plans.
 * Returns the rules of the run at hand with all of them hidden, and the earlier runs that were changed.
 */
export async function redactPast(
  context: IngestContext,
  { partition, rules, stagedPath, rejectedPath }: ShownRoll,
): Promise<{ rules: RuleResult[]; runs: string[] }> {
  const { engine } = context.session;
  const { lake } = context.settings;
  const { county } = partition;
  await listConfidential(engine, lake, partition);
  await gatherKeys(engine, { rolls: stagedPath ? [stagedPath] : [], letters: [rejectedPath] }, 'told_keys');
  await engine.run(
    `create or replace temp table new_keys as from told_keys except from confidential_keys;
     insert into confidential_keys from new_keys`,
  );
  // One copy of a row may say what the other does not.
  const shown = await hideSamples(engine, { dataset: partition.dataset, rules });
  const { found } = await engine.row('select count(*) as found from new_keys');
  if (Number(found) === 0 || context.policy.dryRun) return { rules: shown, runs: [] };
  const { datasets, runs } = await redactRuns(county, context);
  for (const dataset of datasets) forgetHistory(lake, dataset, county.slug);
  await redactPlans(lake, county.slug, (keys) => namingConfidential(engine, keys));
  return { rules: shown, runs };
}

/** What was shown of this ingest before the parcels were read, told again. */
export async function redactShown(manifests: RunManifest[], context: IngestContext): Promise<void> {
  const { settings, policy, session } = context;
  for (const manifest of manifests) {
    const { county, year, dataset, run } = manifest;
    if (session.redactedRuns.has(run)) Object.assign(manifest, readRun(settings.lake, run));
    if (!policy.dryRun || dataset !== 'sdf') continue;
    await redactRun(manifest, session.dryRunSales.get(`${county} ${year}`)?.path ?? null, context);
  }
}

/** Returns the runs that were changed, and the rolls that they are of: their histories are of what they were. */
async function redactRuns(
  county: County,
  context: IngestContext,
): Promise<{ runs: string[]; datasets: Set<Dataset> }> {
  const { engine } = context.session;
  const { lake } = context.settings;
  const changed = { runs: [] as string[], datasets: new Set<Dataset>() };
  const profiles: Profiles = new Map();
  const redact = async (run: RunManifest, staged: RunManifest | undefined): Promise<boolean> => {
    const before = JSON.stringify(run);
    const partition = { dataset: run.dataset, county, year: run.year };
    const path = stagedFile(lake, partition);
    const same = run.staged && staged?.staged?.checksum === run.staged.checksum;
    const rows = same && stagedDamage(lake, partition, 'seal') === null ? path : null;
    if (rows && !(await holdsNew(engine, run.dataset, rows))) run.rules = await hideSamples(engine, run);
    else await redactRun(run, rows, context, profiles);
    return JSON.stringify(run) !== before;
  };
  for (const run of listRuns(lake, county.slug)) {
    if (!(await redact(run, readStaged(lake, { dataset: run.dataset, county, year: run.year })))) continue;
    writeRun(lake, run);
    changed.datasets.add(run.dataset);
    changed.runs.push(run.run);
  }
  for (const partition of stagedPartitions(lake, county)) {
    const staged = readStaged(lake, partition)!;
    if (await redact(staged, staged)) writeStaged(lake, partition, staged);
  }
  return changed;
}

/** Of a staged file, by its path and the columns that are left out: several runs have the same one. */
type Profiles = Map<string, Promise<Partial<RunManifest>>>;

/** @param rows what the run staged: profiled again. Where it is gone, single values cannot be told from others and go. */
async function redactRun(
  run: RunManifest,
  rows: string | null,
  { session: { engine, scratch }, settings: { redact } }: IngestContext,
  profiles: Profiles = new Map(),
): Promise<void> {
  run.rules = await hideSamples(engine, run);
  if (run.columns.length === 0) return;
  if (!rows) {
    const top = run.columns.flatMap((column) => column.top.map(({ value }) => value));
    const hidden = await confidentialIds(engine, top);
    Object.assign(run, withoutValues(run, hidden));
    return;
  }
  const columns = [...new Set([...redact, ...run.redaction.columns])];
  const key = [rows, ...columns].join(' ');
  const shown =
    profiles.get(key) ??
    profile(engine, { dataset: run.dataset, path: rows, scratch, redact: columns }).then(
      ({ confidential, ...found }) => ({
        ...found,
        redaction: { rows: confidential, columns },
      }),
    );
  profiles.set(key, shown);
  Object.assign(run, await shown);
}

async function hideSamples(
  engine: Engine,
  { dataset, rules }: Pick<RunManifest, 'dataset' | 'rules'>,
): Promise<RuleResult[]> {
  const id = ROLLS[dataset].keys.loaded[0]!;
  const ids = rules.flatMap(({ samples }) => samples.flatMap((row) => row[id] ?? []));
  const hidden = await confidentialIds(engine, ids);
  if (hidden.size === 0) return rules;
  const hide = (row: RuleResult['samples'][number]) =>
    hidden.has(row[id] ?? '') ? Object.fromEntries(Object.keys(row).map((key) => [key, CONFIDENTIAL])) : row;
  return rules.map((rule) => ({ ...rule, samples: rule.samples.map(hide) }));
}

async function holdsNew(engine: Engine, dataset: Dataset, path: string): Promise<boolean> {
  const { found } = await engine.row(
    `select count(*) as found from ${parquet(path)} where id_key(${ROLLS[dataset].keys.staged[0]}) in (from new_keys)`,
  );
  return Number(found) > 0;
}
