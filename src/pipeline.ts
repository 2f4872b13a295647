/** The path of one partition through the steps, in their order, each timed and counted. */

import { join } from 'node:path';
import { hideCredentials } from './credentials.ts';
import { expectFullDisk } from './diskFull.ts';
import type { Engine } from './engine.ts';
import { DorError, EXIT } from './errors.ts';
import { expectForbidden } from './forbidden.ts';
import { stagedDamage } from './lake/damage.ts';
import { openManifest, readStaged, writeRun, writeStaged } from './lake/manifest.ts';
import { deadLettersFile, MEDIANS, stagedFolder, tableFolder } from './lake/paths.ts';
import { removeSample } from './lake/sampleRows.ts';
import type { Partition, RunManifest, SourceInfo } from './model.ts';
import type { Progress } from './progress.ts';
import { listConfidential, redactManifest } from './redaction.ts';
import type { Route } from './routing.ts';
import { isKnown, sameSheets } from './source/fileMark.ts';
import { type Selected, submissionRank } from './source/select.ts';
import { compareWithBaseline, refuseDrift } from './steps/baseline.ts';
import { collectDeadLetters } from './steps/deadLetters.ts';
import { checkGates, settleLedger, settleStaged } from './steps/gates.ts';
import type { GuardName } from './steps/guards.ts';
import { load } from './steps/load.ts';
import { profile } from './steps/profile.ts';
import { publish, revisionOf, type StagedFiles } from './steps/publish.ts';
import { locateIn, type ReadFile, readSource } from './steps/read.ts';
import { addMalformed, redactPast } from './steps/redactPast.ts';
import {
  acceptStaged,
  dropIntermediates,
  forgetStopped,
  isReadable,
  keepStoppedLetters,
  readStagedRun,
  stage,
  writeDeadLetters,
} from './steps/stage.ts';
import { validate } from './steps/validate.ts';
import type { Target } from './target/target.ts';
import { judge } from './verdict.ts';

/** A staged sales roll, wherever it lies. */
export interface StagedSales {
  path: string;
  checksum: string;
}

/** What a run may do and where; the same for all its partitions. */
export interface PipelineContext {
  engine: Engine;
  route: Route;
  lake: string;
  scratch: string;
  sqlVersion: string;
  /** DuckDB's version. */
  engineVersion: string;
  /** Sales that a dry run staged aside, by county and year: the lake does not have them. */
  dryRunSales: Map<string, StagedSales>;
  progress: Progress;
  /** Opens the target on first use; null when nothing is to be pushed. */
  target: (() => Promise<Target>) | null;
  /** Look at everything, write nothing outside the scratch folder. */
  dryRun: boolean;
  /** Redo what is unchanged; let an older submission replace a newer one. */
  force: boolean;
  /** Take a roll that is far off the county's last good ones. */
  acceptDrift: boolean;
  /** Guards that may find what they look for. */
  allow: ReadonlySet<GuardName>;
  /** Share of rejected rows, in percent, beyond which nothing is staged. */
  maxRejectPct: number;
  /** Columns whose values nothing shows, as they were named. */
  redact: string[];
  /** Earlier runs in which a parcel was hidden that turned out confidential: pages made from them are old. */
  redactedRuns: Set<string>;
}

/** Runs one step: prints it, times it, notes it in the manifest. */
export type Timed = <T>(step: string, work: (advance: (share: number) => void) => Promise<T>) => Promise<T>;

/** One partition on its way. The steps write what they found into `manifest`. */
export interface Job {
  selected: Pick<Selected, 'partition' | 'source'>;
  context: PipelineContext;
  manifest: RunManifest;
  /** The manifest of the rows that are staged now and that this file is compared with. */
  previous: RunManifest | undefined;
  timed: Timed;
}

/** A partition whose file is read. */
interface FileJob extends Job {
  selected: Selected;
}

/**
 * Takes one file through all steps. Returns the manifest, whatever happened; a gate that closed is a manifest with
 * status `stopped`, and the staged rows and the target are then what they were before.
 * @throws what is no expected failure, after the manifest was written.
 */
export async function ingestPartition(selected: Selected, context: PipelineContext): Promise<RunManifest> {
  const manifest = openManifest(selected.partition, { ...selected.source }, versionsOf(context));
  const staged = readStaged(context.lake, selected.partition);
  // Generated rows say nothing about real ones: real files that follow the sample begin anew.
  const previous = staged?.source.sample && !selected.source.sample ? undefined : staged;
  const job = { selected, context, manifest, previous, timed: createTimer(context.progress, manifest) };
  return concludeRun(job, () => runSteps(job));
}

/** Does the work of a run and writes its manifest, which says how it ended. @throws what is no expected failure. */
export async function concludeRun(
  { context, manifest }: Job,
  work: () => Promise<void>,
): Promise<RunManifest> {
  try {
    await work();
  } catch (thrown) {
    const error = expectForbidden(expectFullDisk(thrown));
    const expected = error instanceof DorError;
    manifest.verdict = 'fail';
    manifest.status = expected ? 'stopped' : 'failed';
    manifest.reason = hideCredentials((error as Error).message);
    manifest.remedy = expected ? error.remedy : null;
    manifest.exitCode = expected ? error.code : EXIT.usage;
    if (!expected) throw error;
  } finally {
    await dropIntermediates(context.engine, manifest.dataset, context.scratch);
    manifest.finishedAt = new Date().toISOString();
    manifest.peakRssMb = peakRssMb();
    if (!context.dryRun) writeRun(context.lake, manifest);
  }
  return manifest;
}

async function runSteps(job: FileJob): Promise<void> {
  const { selected, context, manifest, previous } = job;
  const sales = salesFor(selected.partition, selected.source.sample, context);
  manifest.salesChecksum = sales?.checksum ?? null;
  manifest.fileRules = [...selected.identity.warnings];
  refuseOlder(job);

  if (previous && isKnown(previous.source, selected.source) && (await isCurrent(previous, job))) {
    return publishUnchanged(previous, job);
  }
  const read = await job.timed('read', (advance) =>
    readSource(selected, context.engine, context.scratch, advance),
  );
  Object.assign(manifest.source, read.facts);
  manifest.fileRules.push(...read.warnings);
  const same = previous?.source.sha256 === read.facts.sha256 && sameSheets(previous.source, manifest.source);
  if (previous && same && (await isCurrent(previous, job))) {
    return publishUnchanged(previous, job);
  }
  if (previous && same) keepSubmission(manifest.source, previous.source);
  await buildStaged(job, read, sales?.path ?? null);
}

/** load → validate → dead letters → gates → stage → profile → plan → push → record. */
async function buildStaged(job: FileJob, read: ReadFile, salesPath: string | null): Promise<void> {
  const { selected, context, manifest, previous, timed } = job;
  const { engine, route, lake, scratch } = context;
  const { partition } = selected;
  const { dataset } = partition;
  const { fileDate, sha256 } = manifest.source;
  const metadata = { run: manifest.run, source_sha256: sha256, sql_version: context.sqlVersion };

  const rows = await timed('load', () => load(engine, { dataset, ...read.input }, route, scratch));
  await listConfidential(engine, lake, partition);
  if (dataset !== 'sdf') await addMalformed(engine, read.rejectsPath);
  const checked = await timed('validate', () =>
    validate(
      engine,
      partition,
      manifest.source,
      { salesPath, previousPath: previous ? stagedFile(lake, partition) : null },
      context.redact,
    ),
  );
  manifest.rules = checked.rules;
  manifest.rowsWithWarning = checked.rowsWithWarning;
  manifest.fileRules.push(...checked.fileRules);

  const locate = locateIn(selected, read, scratch, engine);
  const dead = await collectDeadLetters(engine, dataset, locate, read.rejectsPath, scratch);
  const rejectedPath = await writeDeadLetters(engine, { partition, metadata }, manifest.source, scratch);
  settleLedger(manifest, read, rows, dead);
  const redact = async (stagedPath: string | null) => {
    if (dataset !== 'sdf') await timed('redact', () => redactPast(job, stagedPath, rejectedPath));
  };
  /** A closed gate still leaves the dead letters, so that people can see what was wrong. */
  const gate = async (check: () => void): Promise<void> => {
    try {
      check();
    } catch (error) {
      await redact(null);
      if (!context.dryRun) keepStoppedLetters(lake, partition, rejectedPath);
      throw error;
    }
  };
  await gate(() => checkGates(job));

  const staged = await timed('stage', () =>
    stage(engine, { partition, fileDate, salesPath, metadata }, route, scratch),
  );
  manifest.staged = {
    rows: staged.rows,
    checksum: staged.checksum,
    bytes: staged.seals.data.bytes,
    seals: staged.seals,
  };
  settleStaged(manifest);
  await redact(staged.path);
  const { confidential, ...found } = await timed('profile', () =>
    profile(engine, dataset, staged.path, scratch, context.redact),
  );
  Object.assign(manifest, found);
  manifest.redaction = { rows: confidential, columns: context.redact };
  await timed('baseline', () => compareWithBaseline(job));
  await gate(() => refuseDrift(job));
  manifest.verdict = judge(manifest);
  manifest.status = context.dryRun ? 'dry-run' : 'staged';
  if (context.dryRun) {
    if (dataset === 'sdf') context.dryRunSales.set(countyYear(partition), staged);
    return publish(job, revisionOf(manifest), staged);
  }
  acceptStaged(lake, partition, { ...staged, rejectedPath });
  writeStaged(lake, partition, manifest);
  dropSample(job);
  await publish(job, revisionOf(manifest), filesInLake(job));
}

/** The first real file of a county takes the whole sample of the county out of the lake; the push, out of the target. */
function dropSample({ manifest, selected, context }: Job): void {
  if (manifest.source.sample) return;
  const { county } = selected.partition;
  for (const { dataset, year } of removeSample(context.lake, county))
    context.progress.say(
      `*** ${label({ county: county.slug, dataset, year })}: the bundled sample leaves the lake: real files come ***`,
    );
}

/** Nothing is redone: the former run's findings are this run's, and the target is brought up to date if it is not. */
async function publishUnchanged(previous: RunManifest, job: FileJob): Promise<void> {
  const { manifest, selected, context } = job;
  const { source, ledger, fileRules, rowsWithWarning, staged, verdict } = previous;
  const { rules, columns, findings, redaction } = redactManifest(previous, context.redact);
  const { profiledRows, distributions, baseline } = previous;
  Object.assign(manifest, { ledger, fileRules, rules, rowsWithWarning, staged, columns, verdict });
  Object.assign(manifest, { profiledRows, distributions, baseline, findings, redaction });
  // A file that was only moved or touched is remembered as it lies now, so that its hash is trusted next time.
  const { encoding, newline, sha256, fileDate } = source;
  manifest.source = { ...selected.source, encoding, newline, sha256, fileDate };
  keepSubmission(manifest.source, source);
  manifest.status = context.dryRun ? 'dry-run' : 'unchanged';
  if (!context.dryRun) {
    writeStaged(context.lake, selected.partition, { ...previous, source: manifest.source });
    forgetStopped(context.lake, selected.partition);
    dropSample(job);
  }
  context.progress.say(`${label(manifest)}: source and SQL are unchanged, nothing is redone`);
  // The rows keep the run that staged them.
  await publish(job, revisionOf({ ...previous, source: manifest.source }), filesInLake(job));
}

/** The same bytes under a name that tells no submission are still of the submission that they were of. */
function keepSubmission(now: SourceInfo, before: SourceInfo): void {
  if (submissionRank(now) !== '') return;
  const { stage, submission, submissionId } = before;
  Object.assign(now, { stage, submission, submissionId });
}

/** True when the staged rows are what this SQL and this engine would make of the same source. */
async function isCurrent(previous: RunManifest, { manifest, context, selected }: Job): Promise<boolean> {
  return (
    !context.force &&
    previous.sqlVersion === manifest.sqlVersion &&
    previous.engine === manifest.engine &&
    previous.salesChecksum === manifest.salesChecksum &&
    stagedDamage(context.lake, selected.partition, 'seal') === null &&
    (await isReadable(context.engine, deadLettersFile(context.lake, selected.partition))) &&
    (await readStagedRun(context.engine, stagedFile(context.lake, selected.partition))) === previous.run
  );
}

/**
 * An older submission never replaces a newer one unless asked: final after
 * preliminary, then by number.
 */
function refuseOlder({ previous, selected, context }: Job): void {
  if (!previous || context.force) return;
  const [now, before] = [submissionRank(selected.source), submissionRank(previous.source)];
  if (now === '' || now >= before) return;
  const name = ({ stage, submission }: SourceInfo) => `${stage ?? ''}${submission ?? ''}`;
  throw new DorError(
    `${selected.source.file} is an older submission (${name(selected.source)}) than the one that is staged (${name(previous.source)}, ${previous.source.file})`,
    'take the newer file, or replace it on purpose with --force',
  );
}

/**
 * The sales of the same county and year, which give the parcels their latest qualified sale.
 * Generated sales say nothing about real parcels, nor the other way round.
 */
export function salesFor(
  partition: Partition,
  sample: boolean,
  context: PipelineContext,
): StagedSales | null {
  if (partition.dataset !== 'nal') return null;
  const inThisRun = context.dryRunSales.get(countyYear(partition));
  if (inThisRun) return inThisRun;
  const sales = { ...partition, dataset: 'sdf' as const };
  const manifest = readStaged(context.lake, sales);
  if (!manifest?.staged || manifest.source.sample !== sample) return null;
  return { path: stagedFile(context.lake, sales), checksum: manifest.staged.checksum };
}

const countyYear = ({ county, year }: Partition) => `${county.slug} ${year}`;

const filesInLake = ({ selected, context }: Job) => stagedFiles(context.lake, selected.partition);

/** The files of a partition's staged rows, whether they are there or not. */
export function stagedFiles(lake: string, partition: Partition): StagedFiles {
  return {
    path: stagedFile(lake, partition),
    seals: readStaged(lake, partition)?.staged?.seals,
    mediansPath:
      partition.dataset === 'nal' ? join(tableFolder(lake, MEDIANS, partition), 'data.parquet') : null,
  };
}

export const versionsOf = ({ sqlVersion, engineVersion, route }: PipelineContext) => ({
  sqlVersion,
  engine: engineVersion,
  routing: route,
});

export const stagedFile = (lake: string, partition: Partition) =>
  join(stagedFolder(lake, partition), 'data.parquet');

export const label = ({ county, dataset, year }: Pick<RunManifest, 'county' | 'dataset' | 'year'>) =>
  `${county} ${dataset.toUpperCase()} ${year}`;
/** The most memory that the process has held so far. */
const peakRssMb = () => Math.round(process.resourceUsage().maxRSS / 1024);

/** Times steps into `manifest.timings`. */
export function createTimer(
  progress: Progress,
  manifest: Pick<RunManifest, 'county' | 'dataset' | 'year' | 'timings'>,
): Timed {
  return async (step, work) => {
    const started = performance.now();
    progress.begin(`${label(manifest)} ${step}`);
    const result = await work((share) => progress.advance(share));
    const seconds = (performance.now() - started) / 1000;
    manifest.timings.push({ step, seconds: Number(seconds.toFixed(3)), peakRssMb: peakRssMb() });
    progress.end(`${seconds.toFixed(1)} s`);
    return result;
  };
}
