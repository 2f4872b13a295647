/**
 * The sales roll has no owners: which of its parcels are confidential is known once the parcels are staged, and the
 * sales come first. So what was shown of them is looked through again afterwards.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal, verbatim } from '../engine.ts';
import { listRuns, readStaged, writeRun, writeStaged } from '../lake/manifest.ts';
import { stagedFolder } from '../lake/paths.ts';
import type { Partition, RuleResult, RunManifest } from '../model.ts';
import type { PipelineContext } from '../pipeline.ts';
import { CONFIDENTIAL, listConfidential } from '../redaction.ts';
import { profile } from './profile.ts';

/** Hides confidential parcels in the samples and the profile of the county's sales, in the lake and in `manifests`. */
export async function redactSales(
  manifests: RunManifest[],
  { county, year }: Partition,
  context: PipelineContext,
): Promise<void> {
  const parcels = manifests.find(({ dataset }) => dataset === 'nal');
  if (!parcels || parcels.redaction.rows === 0) return;
  const { engine, lake, scratch, dryRun } = context;
  const partition = { dataset: 'sdf' as const, county, year };
  await listConfidential(engine, lake, partition);
  if (dryRun) await addDryRun(engine, scratch);

  const mine = manifests.filter(({ dataset }) => dataset === 'sdf');
  for (const manifest of mine) await redactRules(engine, manifest);
  if (dryRun) return;
  const staged = readStaged(lake, partition);
  const runs = listRuns(lake, county.slug).filter(({ dataset }) => dataset === 'sdf');
  for (const manifest of runs) if (await redactRules(engine, manifest)) writeRun(lake, manifest);
  if (!staged) return;
  await redactRules(engine, staged);
  const path = join(stagedFolder(lake, partition), 'data.parquet');
  const { confidential, ...found } = await profile(engine, 'sdf', path, scratch, context.redact);
  const shown = { ...found, redaction: { rows: confidential, columns: context.redact } };
  writeStaged(lake, partition, Object.assign(staged, shown));
  for (const run of [...runs, ...mine].filter((one) => one.staged?.checksum === staged.staged?.checksum))
    writeRun(lake, Object.assign(run, shown));
}

/** Parcels that a dry run staged aside. */
async function addDryRun(engine: Engine, scratch: string): Promise<void> {
  const path = join(scratch, 'staged_nal.parquet');
  if (!existsSync(path)) return;
  await engine.run(
    `insert into confidential_parcels select parcel_id from read_parquet(${literal(verbatim(path))}) where is_confidential`,
  );
}

/** Hides the samples of confidential parcels. True when there were any. */
async function redactRules(engine: Engine, manifest: RunManifest): Promise<boolean> {
  const ids = manifest.rules.flatMap(({ samples }) => samples.map((row) => row.parcel_id)).filter(Boolean);
  if (ids.length === 0) return false;
  const found = await engine.rows(
    `select distinct parcel_id from confidential_parcels where parcel_id in (${ids.map((id) => literal(id!)).join(', ')})`,
  );
  const flagged = new Set(found.map((row) => row.parcel_id));
  if (flagged.size === 0) return false;
  const hide = (row: RuleResult['samples'][number]) =>
    flagged.has(row.parcel_id ?? null)
      ? Object.fromEntries(Object.keys(row).map((key) => [key, CONFIDENTIAL]))
      : row;
  manifest.rules = manifest.rules.map((rule) => ({ ...rule, samples: rule.samples.map(hide) }));
  return true;
}
