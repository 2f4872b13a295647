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
} from '../confidential.ts';
import type { Engine } from '../engine.ts';
import { stagedDamage } from '../lake/damage.ts';
import { forgetHistory } from '../lake/history.ts';
import { listRuns, readRun, readStaged, writeRun, writeStaged } from '../lake/manifest.ts';
import { redactPlans } from '../lake/plans.ts';
import { parquet } from '../lake/snapshots.ts';
import { stagedFile, stagedPartitions } from '../lake/staged.ts';
import type { County, Dataset, RuleResult, RunManifest } from '../model.ts';
import type { Job, PipelineContext } from '../pipeline.ts';
import { withoutValues } from '../redaction.ts';
import { ROLLS } from '../rolls.ts';
import { profile } from './profile.ts';

/**
 * Looks for parcels and accounts that are confidential by what is about to be accepted and were not before, leaves all of them in
 * `confidential_keys`, and hides them in the run at hand, the new ones in the county's runs, histories and plans, too.
 * @param stagedPath the roll; null when it is refused. @param rejectedPath its dead letters.
 */
export async function redactPast(
  { selected, context, manifest }: Job,
  stagedPath: string | null,
  rejectedPath: string,
): Promise<void> {
  const { engine, lake, dryRun } = context;
  const { county } = selected.partition;
  await listConfidential(engine, lake, selected.partition);
  await gatherKeys(engine, { rolls: stagedPath ? [stagedPath] : [], letters: [rejectedPath] }, 'told_keys');
  await engine.run(
    `create or replace temp table new_keys as from told_keys except from confidential_keys;
     insert into confidential_keys from new_keys`,
  );
  // One copy of a row may say what the other does not.
  await hideSamples(engine, manifest);
  const { found } = await engine.row('select count(*) as found from new_keys');
  if (Number(found) === 0 || dryRun) return;
  const changed = await redactRuns(county, context);
  for (const dataset of changed) forgetHistory(lake, dataset, county.slug);
  await redactPlans(lake, county.slug, (keys) => namingConfidential(engine, keys));
}

/** What was shown of this ingest before the parcels were read, told again. */
export async function redactShown(manifests: RunManifest[], context: PipelineContext): Promise<void> {
  for (const manifest of manifests) {
    const { county, year, dataset, run } = manifest;
    if (context.redactedRuns.has(run)) Object.assign(manifest, readRun(context.lake, run));
    if (!context.dryRun || dataset !== 'sdf') continue;
    await redactRun(manifest, context.dryRunSales.get(`${county} ${year}`)?.path ?? null, context);
  }
}

/** Returns the rolls of which a run was changed: their histories are of what it was. */
async function redactRuns(county: County, context: PipelineContext): Promise<Set<Dataset>> {
  const { engine, lake } = context;
  const changed = new Set<Dataset>();
  const profiles: Profiles = new Map();
  const redact = async (run: RunManifest, staged: RunManifest | undefined): Promise<boolean> => {
    const before = JSON.stringify(run);
    const partition = { dataset: run.dataset, county, year: run.year };
    const path = stagedFile(lake, partition);
    const same = run.staged && staged?.staged?.checksum === run.staged.checksum;
    const rows = same && stagedDamage(lake, partition, 'seal') === null ? path : null;
    if (rows && !(await holdsNew(engine, run.dataset, rows))) await hideSamples(engine, run);
    else await redactRun(run, rows, context, profiles);
    return JSON.stringify(run) !== before;
  };
  for (const run of listRuns(lake, county.slug)) {
    if (!(await redact(run, readStaged(lake, { dataset: run.dataset, county, year: run.year })))) continue;
    writeRun(lake, run);
    changed.add(run.dataset);
    context.redactedRuns.add(run.run);
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
  { engine, scratch, redact }: PipelineContext,
  profiles: Profiles = new Map(),
): Promise<void> {
  await hideSamples(engine, run);
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
    profile(engine, run.dataset, rows, scratch, columns).then(({ confidential, ...found }) => ({
      ...found,
      redaction: { rows: confidential, columns },
    }));
  profiles.set(key, shown);
  Object.assign(run, await shown);
}

type Sample = RuleResult['samples'][number];

async function hideSamples(engine: Engine, manifest: RunManifest): Promise<void> {
  const id = ROLLS[manifest.dataset].keys.loaded[0]!;
  const ids = manifest.rules.flatMap(({ samples }) => samples.flatMap((row) => row[id] ?? []));
  const hidden = await confidentialIds(engine, ids);
  if (hidden.size === 0) return;
  const hide = (row: Sample) =>
    hidden.has(row[id] ?? '') ? Object.fromEntries(Object.keys(row).map((key) => [key, CONFIDENTIAL])) : row;
  manifest.rules = manifest.rules.map((rule) => ({ ...rule, samples: rule.samples.map(hide) }));
}

async function holdsNew(engine: Engine, dataset: Dataset, path: string): Promise<boolean> {
  const { found } = await engine.row(
    `select count(*) as found from ${parquet(path)} where id_key(${ROLLS[dataset].keys.staged[0]}) in (from new_keys)`,
  );
  return Number(found) > 0;
}
