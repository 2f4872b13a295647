/** The run of one partition: what it goes by, what it may do, what it has open, and the manifest that it leaves. */

import { hideCredentials } from './credentials.ts';
import { expectFullDisk } from './diskFull.ts';
import type { Engine } from './engine.ts';
import { DorError, EXIT } from './errors.ts';
import { expectForbidden } from './forbidden.ts';
import { openManifest, writeRun } from './lake/manifest.ts';
import type { Partition, RunManifest, SourceInfo } from './model.ts';
import type { Progress } from './progress.ts';
import type { GuardName } from './publishing/guards.ts';
import type { Route } from './routing.ts';
import { dropIntermediates } from './steps/stage.ts';
import type { Target } from './target/target.ts';
import { createTimer, peakRssMb, type Timed } from './timer.ts';

/** What all runs of an ingest go by. */
export interface Settings {
  lake: string;
  route: Route;
  sqlVersion: string;
  /** DuckDB's version. */
  engineVersion: string;
  /** Columns whose values nothing shows, as they were named. */
  redact: string[];
}

/** What a run may do. */
export interface Policy {
  /** Look at everything, write nothing outside the scratch folder. */
  dryRun: boolean;
  /** Redo what is unchanged; let an older submission replace a newer one. */
  force: boolean;
  /** Take a roll that is far off the county's last good ones. */
  acceptOutlier: boolean;
  /** Guards that may find what they look for. */
  allow: ReadonlySet<GuardName>;
  /** Share of rejected rows, in percent, beyond which nothing is staged. */
  maxRejectPct: number;
}

/** A staged sales roll, wherever it lies. */
export interface StagedSales {
  path: string;
  checksum: string;
}

/** What an ingest has open, and what its runs tell each other. */
export interface Session {
  engine: Engine;
  scratch: string;
  progress: Progress;
  /** Opens the target on first use; null when nothing is to be pushed. */
  target: (() => Promise<Target>) | null;
  /** Sales that a dry run staged aside, by county and year: the lake does not have them. */
  dryRunSales: Map<string, StagedSales>;
  /** Earlier runs in which a parcel was hidden that turned out confidential: pages made from them are old. */
  redactedRuns: Set<string>;
}

export interface IngestContext {
  settings: Settings;
  policy: Policy;
  session: Session;
}

export interface Run extends IngestContext {
  partition: Partition;
  manifest: RunManifest;
  timed: Timed;
}

export function openRun(partition: Partition, source: SourceInfo, context: IngestContext): Run {
  const { sqlVersion, engineVersion, route } = context.settings;
  const versions = { sqlVersion, engine: engineVersion, routing: route };
  const manifest = openManifest(partition, { ...source }, versions);
  return { ...context, partition, manifest, timed: createTimer(context.session.progress, manifest) };
}

/**
 * Does the work of a run and writes its manifest, which says how it ended: a gate that closed is a manifest with status
 * `stopped`, and the staged rows and the target are then what they were before.
 * @throws what is no expected failure, after the manifest was written.
 */
export async function concludeRun(run: Run, work: () => Promise<void>): Promise<RunManifest> {
  const { manifest, settings, policy, session } = run;
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
    await dropIntermediates(session.engine, manifest.dataset, session.scratch);
    manifest.finishedAt = new Date().toISOString();
    manifest.peakRssMb = peakRssMb();
    if (!policy.dryRun) writeRun(settings.lake, manifest);
  }
  return manifest;
}
