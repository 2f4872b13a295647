/**
 * A parcel turns out confidential when its roll is read, and by then its sales, earlier rolls and plans have been shown.
 * What the lake keeps of that is looked through again before it takes the roll, so that a kill between leaves nothing open.
 */

import { join } from 'node:path';
import { type Engine, literal, verbatim } from '../engine.ts';
import { stagedDamage } from '../lake/damage.ts';
import { forgetHistory } from '../lake/history.ts';
import { listRuns, readRun, readStaged, writeRun, writeStaged } from '../lake/manifest.ts';
import { stagedFolder } from '../lake/paths.ts';
import { redactPlans } from '../lake/plans.ts';
import { stagedPartitions } from '../lake/staged.ts';
import type { County, Dataset, RuleResult, RunManifest } from '../model.ts';
import type { Job, PipelineContext } from '../pipeline.ts';
import { CONFIDENTIAL, confidentialKeys, listConfidential, readAll, withoutValues } from '../redaction.ts';
import { ROW_KEYS } from './content.ts';
import { profile } from './profile.ts';

/** Adds the ids in records that are no rows to `confidential_keys`. @param path NDJSON of the reading; null when there are none. */
export async function addMalformed(engine: Engine, path: string | null): Promise<void> {
  if (!path) return;
  await engine.run(
    `insert into confidential_keys
     select distinct unnest(id_keys_in(text))
     from read_json(${literal(verbatim(path))}, format = 'newline_delimited', maximum_object_size = 16777216, columns = {text: 'varchar'})
     where confidential(text)`,
  );
}

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
  const told = confidentialKeys(stagedPath ? [readAll([stagedPath])] : [], readAll([rejectedPath]));
  await engine.run(
    `create or replace temp table new_keys as ${told} except from confidential_keys;
     insert into confidential_keys from new_keys`,
  );
  // One copy of a row may say what the other does not.
  await hideSamples(engine, manifest);
  const { found } = await engine.row('select count(*) as found from new_keys');
  if (Number(found) === 0 || dryRun) return;
  const changed = await redactRuns(county, context);
  for (const dataset of changed) forgetHistory(lake, dataset, county.slug);
  await redactPlans(lake, county.slug, (keys) =>
    confidentialAmong(engine, keys, 'contains(searchable(text), c.key)'),
  );
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
    const path = join(stagedFolder(lake, partition), 'data.parquet');
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
    const hidden = await confidentialAmong(engine, top, 'id_key(text) = c.key');
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

const idOf = (row: Sample) => row.parcel_id ?? row.acct_id;

async function hideSamples(engine: Engine, manifest: RunManifest): Promise<void> {
  const ids = manifest.rules.flatMap(({ samples }) => samples.flatMap((row) => idOf(row) ?? []));
  const hidden = await confidentialAmong(engine, ids, 'id_key(text) = c.key');
  if (hidden.size === 0) return;
  const hide = (row: Sample) =>
    hidden.has(idOf(row) ?? '')
      ? Object.fromEntries(Object.keys(row).map((key) => [key, CONFIDENTIAL]))
      : row;
  manifest.rules = manifest.rules.map((rule) => ({ ...rule, samples: rule.samples.map(hide) }));
}

/** Those of the texts for which one `c` of `confidential_keys` is found. */
async function confidentialAmong(engine: Engine, texts: string[], condition: string): Promise<Set<string>> {
  if (texts.length === 0) return new Set();
  const list = [...new Set(texts)].map(literal).join(', ');
  const rows = await engine.rows(
    `select distinct text from (select unnest([${list}]) as text) join confidential_keys c on ${condition}`,
  );
  return new Set(rows.map(({ text }) => String(text)));
}

async function holdsNew(engine: Engine, dataset: Dataset, path: string): Promise<boolean> {
  const { found } = await engine.row(
    `select count(*) as found from ${readAll([path])} where id_key(${ROW_KEYS[dataset][0]}) in (from new_keys)`,
  );
  return Number(found) > 0;
}
