/**
 * Parcels have their latest sale from the sales roll. When that changes and the parcels' file does not come along, the
 * staged parcels get their latest sales anew from what is staged.
 */

import { isSealed, sealFile } from './lake/fileSeal.ts';
import { readStaged, writeStaged } from './lake/manifest.ts';
import { readSnapshot, type Snapshot } from './lake/snapshots.ts';
import { acceptStaged, readStagedRun, revisionOf, stagedFile, stagedFiles } from './lake/staged.ts';
import type { Partition, RunManifest } from './model.ts';
import { publishRoll, salesFor } from './pipeline.ts';
import { readRules } from './rules.ts';
import { concludeRun, type IngestContext, openRun, type Run, type StagedSales } from './run.ts';
import { profile } from './steps/profile.ts';
import { stageAgain } from './steps/stage.ts';
import { label } from './timer.ts';
import { judge } from './verdict.ts';

/** Null when the parcels have the sales that are staged, or are not staged, or cannot be enriched again; that is said. */
export async function enrichAgain(
  { county, year }: Partition,
  context: IngestContext,
): Promise<RunManifest | null> {
  const partition: Partition = { dataset: 'nal', county, year };
  const previous = readStaged(context.settings.lake, partition);
  if (!previous?.staged) return null;
  const sales = salesFor(partition, previous.source.sample, context);
  if (previous.salesChecksum === (sales?.checksum ?? null)) return null;
  const parcels = await findParcels(previous, partition, context);
  if ('obstacle' in parcels) {
    context.session.progress.say(
      `*** ${label(previous)}: latest sales are STALE: they cannot be taken from the new sales, because ${parcels.obstacle}; put the parcels' file into the inbox and run dor ingest ${county.slug} ***`,
    );
    return null;
  }
  const run = openRun(partition, previous.source, context);
  return concludeRun(run, async () => publishRoll(run, await joinSales(run, previous, parcels.path, sales)));
}

/**
 * The staged parcels: in the staged file, or in the snapshot of their publication when a run was killed between file and
 * manifest. Rows that other SQL made lack what today's SQL reads of them, or have it otherwise.
 */
async function findParcels(
  previous: RunManifest,
  partition: Partition,
  { settings: { lake, sqlVersion, engineVersion }, session: { engine } }: IngestContext,
): Promise<{ path: string } | { obstacle: string }> {
  if (previous.sqlVersion !== sqlVersion || previous.engine !== engineVersion)
    return { obstacle: 'another version of dor staged the parcels' };
  const staged = { path: stagedFile(lake, partition), seals: previous.staged?.seals };
  for (const content of [staged, readSnapshot(lake, partition, previous.run)]) {
    const path = content?.path;
    if (!path || !isSealed(path, content.seals?.data, true)) continue;
    if ((await readStagedRun(engine, path)) === previous.run) return { path };
  }
  return { obstacle: 'the staged parcels are not what was staged' };
}

async function joinSales(
  { partition, manifest, settings, policy, session, timed }: Run,
  previous: RunManifest,
  parcelsPath: string,
  sales: StagedSales | null,
): Promise<Snapshot> {
  const { lake, route, redact, sqlVersion } = settings;
  const { engine, scratch } = session;
  const { ledger, fileRules, rowsWithWarning, source, baseline, findings } = previous;
  Object.assign(manifest, { ledger, fileRules, rowsWithWarning, baseline, findings });
  manifest.salesChecksum = sales?.checksum ?? null;
  manifest.rules = previous.rules.map((rule) =>
    comparesSales.has(rule.id) ? { ...rule, rows: null, of: undefined, samples: [], notRun: NOT_RUN } : rule,
  );
  session.progress.say(`${label(manifest)}: the sales have changed, the staged parcels are enriched again`);
  const metadata = { run: manifest.run, source_sha256: source.sha256, sql_version: sqlVersion };
  const input = { partition, fileDate: source.fileDate, salesPath: sales?.path ?? null, metadata };
  const { path, ...staged } = await timed('enrich', () =>
    stageAgain(engine, { ...input, parcelsPath }, route, scratch),
  );
  if (staged.rows !== previous.staged!.rows)
    throw new Error(`${label(manifest)}: ${previous.staged!.rows} parcels became ${staged.rows}`);
  const data = sealFile(path);
  const seals = { data, medians: previous.staged!.seals?.medians ?? null };
  manifest.staged = { ...staged, bytes: data.bytes, seals };
  const { confidential, ...found } = await timed('profile', () =>
    profile(engine, { dataset: 'nal', path, scratch, redact }),
  );
  Object.assign(manifest, found, { redaction: { rows: confidential, columns: redact } });
  manifest.verdict = judge(manifest);
  manifest.status = policy.dryRun ? 'dry-run' : 'staged';
  const content = { ...stagedFiles(lake, partition), seals, revision: revisionOf(manifest) };
  if (policy.dryRun) return { ...content, path };
  acceptStaged(lake, partition, { path, mediansPath: null, rejectedPath: null });
  writeStaged(lake, partition, manifest);
  return content;
}

const NOT_RUN = "new sales came without the parcels' file, and these rules need both: ingest them together";

/** Rules that compare parcels with sales need the parcels' file: without it they were not run. */
const comparesSales = new Set(
  readRules('cross')
    .filter(({ needs }) => needs === 'sdf')
    .map(({ id }) => id),
);
