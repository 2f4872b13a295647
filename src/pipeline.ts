/** A roll's way: `stageRoll` through the steps into the lake, `publishRoll` from there to the target. Steps return what they found; it is entered into the manifest here. */

import { addMalformed, listConfidential } from './confidential.ts';
import { readStaged, writeStaged } from './lake/manifest.ts';
import { hasWork, type Plan } from './lake/plans.ts';
import { removeSample } from './lake/sampleRows.ts';
import { keepSnapshot, type Snapshot } from './lake/snapshots.ts';
import {
  acceptStaged,
  forgetStopped,
  keepStoppedLetters,
  revisionOf,
  type StagedFiles,
  stagedFile,
  stagedFiles,
} from './lake/staged.ts';
import type { Partition, RunManifest, SourceInfo } from './model.ts';
import { comparable, isCurrent, refuseOlder, submissionOf } from './previousRoll.ts';
import { passGuards } from './publishing/guards.ts';
import { refuseHeldSales } from './publishing/heldSales.ts';
import { type AppliedPart, makePlan, planAndApply } from './publishing/publish.ts';
import { redactManifest } from './redaction.ts';
import { redactPast } from './redactPast.ts';
import { ROLLS } from './rolls.ts';
import { concludeRun, type IngestContext, openRun, type Run, type StagedSales } from './run.ts';
import { isKnown, sameSheets } from './source/fileMark.ts';
import type { Selected } from './source/select.ts';
import { compareWithBaseline, refuseOutlier } from './steps/baseline.ts';
import { checkGates, closeLedger, openLedger } from './steps/gates.ts';
import { load } from './steps/load.ts';
import { profile } from './steps/profile.ts';
import { locateIn, type ReadFile, readSource } from './steps/read.ts';
import { reject } from './steps/reject.ts';
import { stage } from './steps/stage.ts';
import { validate } from './steps/validate.ts';
import { label } from './timer.ts';
import { judge } from './verdict.ts';

/** Takes one file through all steps. Returns the manifest, whatever happened. @throws what is no expected failure. */
export async function ingestRoll(selected: Selected, context: IngestContext): Promise<RunManifest> {
  const run = openRun(selected.partition, selected.source, context);
  return concludeRun(run, async () => publishRoll(run, await stageRoll(run, selected)));
}

/** Brings the rows of a file into the lake, or aside in a dry run. What is staged already is not staged again. */
export async function stageRoll(run: Run, selected: Selected): Promise<Snapshot> {
  const { partition, manifest, settings, policy, session, timed } = run;
  const { engine, scratch } = session;
  const sales = salesFor(partition, selected.source.sample, run);
  manifest.salesChecksum = sales?.checksum ?? null;
  manifest.fileRules = [...selected.identity.warnings];
  const previous = comparable(settings.lake, selected);
  if (previous && !policy.force) refuseOlder(selected.source, previous.source);
  // Whatever looks at rows needs it.
  await listConfidential(engine, settings.lake, partition);
  if (previous && isKnown(previous.source, selected.source) && (await isCurrent(run, previous)))
    return keepStaged(run, selected.source, previous);

  const read = await timed('read', (advance) => readSource(selected, engine, scratch, advance));
  Object.assign(manifest.source, read.facts);
  manifest.fileRules.push(...read.warnings);
  if (previous?.source.sha256 === read.facts.sha256 && sameSheets(previous.source, manifest.source)) {
    if (await isCurrent(run, previous)) return keepStaged(run, selected.source, previous);
    Object.assign(manifest.source, submissionOf(manifest.source, previous.source));
  }
  return buildStaged(run, { selected, read, previous, sales });
}

interface Material {
  selected: Selected;
  read: ReadFile;
  previous: RunManifest | undefined;
  sales: StagedSales | null;
}

/** load → validate → reject → gates → stage → profile → baseline → accept. */
async function buildStaged(run: Run, { selected, read, previous, sales }: Material): Promise<Snapshot> {
  const { partition, manifest, settings, policy, session, timed } = run;
  const { lake, route, redact } = settings;
  const { engine, scratch } = session;
  const { dataset } = partition;
  const { source } = manifest;
  const salesPath = sales?.path ?? null;
  const metadata = { run: manifest.run, source_sha256: source.sha256, sql_version: settings.sqlVersion };

  const rows = await timed('load', () => load(engine, { dataset, ...read.input }, route, scratch));
  if (ROLLS[dataset].hasOwners) await addMalformed(engine, read.rejectsPath);
  const neighbours = { salesPath, previousPath: previous ? stagedFile(lake, partition) : null };
  const { fileRules, ...checked } = await timed('validate', () =>
    validate(engine, { partition, source, neighbours, redact }),
  );
  manifest.fileRules.push(...fileRules);
  Object.assign(manifest, checked);

  const locate = locateIn(selected, read, scratch, engine);
  const { path: rejectedPath, ...dead } = await timed('reject', () => {
    const letters = { partition, run: manifest.run, source, locate, structurePath: read.rejectsPath };
    return reject(engine, letters, scratch);
  });
  manifest.ledger = openLedger(source.file, read, rows, dead);

  const hide = async (stagedPath: string | null) => {
    if (!ROLLS[dataset].hasOwners) return;
    const shown = { partition, rules: manifest.rules, stagedPath, rejectedPath };
    const { rules, runs } = await timed('redact', () => redactPast(run, shown));
    manifest.rules = rules;
    for (const one of runs) session.redactedRuns.add(one);
  };
  /** A closed gate still leaves the dead letters, so that people can see what was wrong. */
  const gate = async (check: () => void): Promise<void> => {
    try {
      check();
    } catch (error) {
      await hide(null);
      if (!policy.dryRun) keepStoppedLetters(lake, partition, rejectedPath);
      throw error;
    }
  };
  await gate(() => manifest.fileRules.push(...checkGates(manifest, previous, policy.maxRejectPct)));

  const { path, mediansPath, seals, ...staged } = await timed('stage', () =>
    stage(engine, { partition, fileDate: source.fileDate, salesPath, metadata }, route, scratch),
  );
  manifest.staged = { ...staged, bytes: seals.data.bytes, seals };
  manifest.ledger = closeLedger(source.file, manifest.ledger, staged.rows);
  await hide(path);
  const { confidential, ...found } = await timed('profile', () =>
    profile(engine, { dataset, path, scratch, redact }),
  );
  Object.assign(manifest, found, { redaction: { rows: confidential, columns: redact } });
  Object.assign(
    manifest,
    await timed('baseline', () => compareWithBaseline(engine, manifest, { lake, scratch, redact })),
  );
  await gate(() => policy.acceptOutlier || refuseOutlier(manifest));
  manifest.verdict = judge(manifest);
  return accept(run, { path, mediansPath, seals }, rejectedPath);
}

/** Makes what was written aside the partition's staged rows, unless the run is a dry one. */
async function accept(run: Run, files: StagedFiles, rejectedPath: string): Promise<Snapshot> {
  const { partition, manifest, settings, policy, session } = run;
  const revision = revisionOf(manifest);
  if (policy.dryRun) {
    manifest.status = 'dry-run';
    if (partition.dataset === 'sdf')
      session.dryRunSales.set(countyYear(partition), {
        path: files.path,
        checksum: manifest.staged!.checksum,
      });
    return { revision, ...files };
  }
  manifest.status = 'staged';
  acceptStaged(settings.lake, partition, { ...files, rejectedPath });
  writeStaged(settings.lake, partition, manifest);
  dropSample(run);
  return { revision, ...stagedFiles(settings.lake, partition) };
}

/** The first real file of a county takes the whole sample of the county out of the lake; the push, out of the target. */
function dropSample({ partition: { county }, manifest, settings, session }: Run): void {
  if (manifest.source.sample) return;
  for (const { dataset, year } of removeSample(settings.lake, county))
    session.progress.say(
      `*** ${label({ county: county.slug, dataset, year })}: the bundled sample leaves the lake: real files come ***`,
    );
}

/** Nothing is redone: the former run's findings are this run's. */
function keepStaged(run: Run, now: SourceInfo, previous: RunManifest): Snapshot {
  const { partition, manifest, settings, policy, session } = run;
  const { lake, redact } = settings;
  const { source, ledger, fileRules, rowsWithWarning, staged, verdict } = previous;
  const { rules, columns, findings, redaction } = redactManifest(previous, redact);
  const { profiledRows, distributions, baseline } = previous;
  Object.assign(manifest, { ledger, fileRules, rules, rowsWithWarning, staged, columns, verdict });
  Object.assign(manifest, { profiledRows, distributions, baseline, findings, redaction });
  // A file that was only moved or touched is remembered as it lies now, so that its hash is trusted next time.
  const { encoding, newline, sha256, fileDate } = source;
  manifest.source = { ...now, encoding, newline, sha256, fileDate, ...submissionOf(now, source) };
  manifest.status = policy.dryRun ? 'dry-run' : 'unchanged';
  const kept = { ...previous, source: manifest.source };
  if (!policy.dryRun) {
    writeStaged(lake, partition, kept);
    forgetStopped(lake, partition);
    dropSample(run);
  }
  session.progress.say(`${label(manifest)}: source and SQL are unchanged, nothing is redone`);
  // The rows keep the run that staged them.
  return { revision: revisionOf(kept), ...stagedFiles(lake, partition) };
}

/** Brings staged rows to the target, unless the run pushes nothing; a dry run only plans, and its guards tell. */
export async function publishRoll(run: Run, staged: Snapshot): Promise<void> {
  const { partition, manifest, settings, policy, session, timed } = run;
  if (!session.target) return;
  const { lake, redact } = settings;
  const { dryRun, allow } = policy;
  const { engine, scratch, progress } = session;
  const target = await session.target();
  const publishing = { engine, lake, scratch, redact, target, say: (line: string) => progress.say(line) };
  if (!dryRun) await refuseHeldSales(publishing, partition, manifest.salesChecksum);
  const request = {
    kind: 'publish' as const,
    county: partition.county,
    states: [{ partition, wanted: dryRun ? staged : keepSnapshot(lake, partition, staged) }],
    allow,
    dryRun,
    timer: () => timed,
    planned: ({ id, parts: [part] }: Plan) => {
      manifest.target = target.label;
      manifest.changes = part!.changes;
      manifest.plan = hasWork(part!) && !dryRun ? id : null;
    },
  };
  if (dryRun) {
    const { parts } = await makePlan(publishing, request);
    return passGuards(parts[0]!, allow);
  }
  const { applied } = await planAndApply(publishing, request);
  const [{ part, outcome }] = applied as [AppliedPart];
  // Or this run's own commit, whose answer was lost on the way.
  if (outcome !== 'nothing to do' || part.from?.run === manifest.run) manifest.status = 'published';
}

/**
 * The sales of the same county and year, which give the parcels their latest qualified sale.
 * Generated sales say nothing about real parcels, nor the other way round.
 */
export function salesFor(
  partition: Partition,
  sample: boolean,
  { settings: { lake }, session }: IngestContext,
): StagedSales | null {
  if (partition.dataset !== 'nal') return null;
  const inThisIngest = session.dryRunSales.get(countyYear(partition));
  if (inThisIngest) return inThisIngest;
  const sales = { ...partition, dataset: 'sdf' as const };
  const manifest = readStaged(lake, sales);
  if (!manifest?.staged || manifest.source.sample !== sample) return null;
  return { path: stagedFile(lake, sales), checksum: manifest.staged.checksum };
}

const countyYear = ({ county, year }: Partition) => `${county.slug} ${year}`;
