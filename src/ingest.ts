/** `dor ingest`: finds the files, takes each county's partitions through the pipeline, writes the reports. */

import { rmSync } from 'node:fs';
import { version } from '@duckdb/node-api';
import { Engine } from './engine.ts';
import { enrichAgain } from './enrichAgain.ts';
import { DorError, EXIT } from './errors.ts';
import { makeFolder } from './forbidden.ts';
import { rememberRuns } from './lake/history.ts';
import { takeLock } from './lake/lock.ts';
import { newestRuns } from './lake/manifest.ts';
import { type DataPaths, lockFile } from './lake/paths.ts';
import { stagedOf } from './lake/sampleRows.ts';
import { openScratch } from './lake/scratch.ts';
import { describeStaleSales } from './lake/staleSales.ts';
import type { County, Partition, RunManifest } from './model.ts';
import { ingestRoll } from './pipeline.ts';
import type { Progress } from './progress.ts';
import { SAMPLE } from './project.ts';
import type { GuardName } from './publishing/guards.ts';
import { redactShown } from './redactPast.ts';
import { findCounty } from './reference.ts';
import { rewritePages, writeReport } from './report/write.ts';
import { DATASETS } from './rolls.ts';
import { chooseRoute, lookAtMachine, type Route, type RouteOverrides } from './routing.ts';
import type { IngestContext, Session } from './run.ts';
import { type Selected, type Selection, selectFiles } from './source/select.ts';
import { sqlVersion } from './sqlVersion.ts';
import { prepare } from './steps/load.ts';
import { finishIndexes, openPrepared, type TargetChoice } from './target/prepared.ts';
import type { Target } from './target/target.ts';

export interface IngestOptions extends RouteOverrides, TargetChoice {
  /** Slug, name or number of a county, or `all`. */
  county: string;
  year?: number;
  /** Files or folders instead of the inbox. */
  sources: string[];
  /** Sheets to take from workbooks, by name, instead of those that hold a roll. */
  sheets?: string[];
  dryRun: boolean;
  push: boolean;
  force: boolean;
  acceptOutlier: boolean;
  allow: ReadonlySet<GuardName>;
  maxRejectPct: number;
  /** Columns whose values nothing shows. */
  redact: string[];
}

export interface IngestResult {
  manifests: RunManifest[];
  /** Files that were refused, as messages. */
  refused: { rule: string; message: string; remedy: string }[];
  /** HTML pages, one per county and year. */
  reports: string[];
  exitCode: number;
}

/** Ingests everything that the options ask for. @throws DorError when nothing can be ingested at all. */
export async function ingest(
  options: IngestOptions,
  paths: DataPaths,
  progress: Progress,
): Promise<IngestResult> {
  const county = options.county.toLowerCase() === 'all' ? null : findCounty(options.county);
  const scratch = openScratch(paths.lake);
  const machine = lookAtMachine();
  const { threads, memoryLimitMb, mode } = options;
  const overrides = { threads, memoryLimitMb, mode };
  const smallest = chooseRoute({ bytes: 0, kind: 'csv' }, machine, overrides);
  const engine = await Engine.open({ ...smallest, tempDirectory: scratch });
  let target: Target | undefined;
  try {
    const found = await findFiles(options, county, { engine, paths, scratch });
    for (const note of found.notes) progress.say(note);
    const route = chooseRoute(largest(found.selected), machine, overrides);
    progress.say(`${route.mode}, ${route.threads} threads, ${route.memoryLimitMb} MB: ${route.reason}`);
    await prepare(engine);
    const openTarget = async () => {
      target ??= await openPrepared(options, paths.target, !options.dryRun, progress.say);
      return target;
    };
    const open = { engine, scratch, progress, target: options.push ? openTarget : null };
    const context = createContext(options, paths.lake, route, open);
    const manifests: RunManifest[] = [];
    const reports: string[] = [];
    for (const group of byCounty(found.selected)) {
      const done = await ingestCounty(group, context);
      manifests.push(...done);
      if (!options.dryRun) reports.push(await reportOn(done, context, paths));
    }
    if (target && !options.dryRun) await finishIndexes(target, progress.say);
    const refused = found.refused.map(({ rule, message, remedy }) => ({ rule, message, remedy }));
    const codes = manifests.map((manifest) => manifest.exitCode);
    return {
      manifests,
      refused,
      reports,
      exitCode: Math.max(...codes, refused.length > 0 ? EXIT.gate : EXIT.ok),
    };
  } finally {
    await target?.close();
    engine.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The inbox, or what was named; the bundled sample when the inbox has nothing at all for the county. */
async function findFiles(
  options: IngestOptions,
  county: County | null,
  open: { engine: Engine; paths: DataPaths; scratch: string },
): Promise<Selection> {
  const { paths } = open;
  const named = options.sources.length > 0;
  const year = options.year ?? null;
  const roots = named ? options.sources : [paths.inbox];
  if (!named) makeFolder(paths.inbox);
  const request = { county, year, named, sheets: options.sheets ?? [] };
  const found = await selectFiles({ ...request, roots }, open);
  if (found.selected.length > 0 || found.refused.length > 0) return found;
  if (county && found.otherYears.size > 0) {
    const years = [...found.otherYears].sort().join(', ');
    throw new DorError(
      `${roots.join(', ')} has no file of ${county.name} ${year}; there are files of ${years}`,
      'leave --year out, name one of these years, or put the files of that year there',
      EXIT.unreachable,
    );
  }
  const [real] = county ? stagedOf(paths.lake, county, false) : [];
  if (!named && county && !real) {
    const sample = await selectFiles({ ...request, roots: [SAMPLE] }, open);
    if (sample.selected.length > 0) {
      sample.notes.unshift(`${paths.inbox} has no file of ${county.name}: the sample stands in`);
      return sample;
    }
  }
  if (!named && county && real)
    throw new DorError(
      `${paths.inbox} has no file of ${county.name}; its real rows stay as they are, and the bundled sample does not replace them`,
      'put the files back into the inbox, or name them with --source',
    );
  const what = county ? `of ${county.name}${year ? ` ${year}` : ''}` : '';
  throw new DorError(
    `There is no NAL, SDF or NAP file ${what} in ${roots.join(', ')}`,
    'put the zip files of the DOR data portal there (floridarevenue.com/property/dataportal), or name one with --source',
    EXIT.unreachable,
  );
}

/** Partitions of one county and year, one after the other, while no other process works on the county. */
async function ingestCounty(group: Selected[], context: IngestContext): Promise<RunManifest[]> {
  const { county } = group[0]!.partition;
  const { lake } = context.settings;
  const { engine, scratch } = context.session;
  const unlock = await takeLock(lockFile(lake, county.slug), `${county.name}`);
  try {
    const manifests: RunManifest[] = [];
    for (const selected of group) manifests.push(await ingestRoll(selected, context));
    const parcels = manifests.find(({ dataset }) => dataset === 'nal');
    if (!parcels) {
      const again = await enrichAgain(group[0]!.partition, context);
      if (again) manifests.push(again);
    } else if (parcels.exitCode !== EXIT.ok) sayStale(group[0]!.partition, context);
    await redactShown(manifests, context);
    if (!context.policy.dryRun)
      for (const dataset of DATASETS)
        await rememberRuns(engine, lake, { dataset, county: county.slug }, scratch);
    return manifests;
  } finally {
    unlock();
  }
}

/** Parcels whose new file was stopped keep what they had; that run, and no later one, is what people are shown of them. */
function sayStale(partition: Partition, { settings, session }: IngestContext): void {
  const stale = describeStaleSales(settings.lake, partition);
  if (stale) session.progress.say(`*** ${partition.county.slug} NAL ${partition.year}: ${stale} ***`);
}

/** The page of a county and year: this run's rolls, and the newest run of those that it did not touch. */
async function reportOn(done: RunManifest[], context: IngestContext, paths: DataPaths): Promise<string> {
  const { county, year } = done[0]!;
  const { engine, redactedRuns } = context.session;
  const { redact } = context.settings;
  const newest = newestRuns(paths.lake, county);
  await rewritePages(engine, paths, newest, { redactedRuns, redact });
  return writeReport(
    engine,
    paths,
    newest.filter((run) => run.year === year),
    { redact },
  );
}

function createContext(
  options: IngestOptions,
  lake: string,
  route: Route,
  open: Pick<Session, 'engine' | 'scratch' | 'progress' | 'target'>,
): IngestContext {
  const { dryRun, force, acceptOutlier, allow, maxRejectPct, redact } = options;
  return {
    settings: { lake, route, sqlVersion: sqlVersion(), engineVersion: version(), redact },
    policy: { dryRun, force, acceptOutlier, allow, maxRejectPct },
    session: { ...open, dryRunSales: new Map(), redactedRuns: new Set() },
  };
}

function byCounty(selected: Selected[]): Selected[][] {
  const groups = new Map<string, Selected[]>();
  for (const one of selected) {
    const key = `${one.partition.county.slug} ${one.partition.year}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function largest(selected: Selected[]) {
  const [first] = selected.map(({ candidate }) => candidate).sort((a, b) => b.bytes - a.bytes);
  return { bytes: first?.bytes ?? 0, kind: first?.kind ?? ('csv' as const) };
}
