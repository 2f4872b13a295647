/** Manifests: what a run did with one partition, as JSON beside the data. */

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, Partition, RunManifest, SourceInfo } from '../model.ts';
import { counties, countyByNumber } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { writeFileDurably } from './durable.ts';
import { runsFolder, stagedFolder } from './paths.ts';

/** The manifest of a run that has just begun: everything that is not known yet is empty. */
export function openManifest(
  partition: Partition,
  source: SourceInfo,
  versions: Pick<RunManifest, 'sqlVersion' | 'engine' | 'routing'>,
  now = new Date(),
): RunManifest {
  const { dataset, county, year } = partition;
  const time = now.toISOString().replace(/[-:.]/g, '');
  return {
    run: `${time}-${county.slug}-${dataset}-${year}-${randomBytes(2).toString('hex')}`,
    dataset,
    table: ROLLS[dataset].table,
    county: county.slug,
    countyNo: county.no,
    year,
    startedAt: now.toISOString(),
    finishedAt: now.toISOString(),
    status: 'failed',
    verdict: 'fail',
    reason: null,
    remedy: null,
    exitCode: 0,
    source,
    ...versions,
    salesChecksum: null,
    ledger: {
      recordsIn: 0,
      accepted: 0,
      rejectedStructure: 0,
      rejectedRule: 0,
      duplicates: 0,
      balanced: false,
    },
    fileRules: [],
    rules: [],
    rowsWithWarning: 0,
    staged: null,
    changes: null,
    plan: null,
    target: null,
    columns: [],
    profiledRows: 0,
    distributions: [],
    baseline: null,
    findings: [],
    redaction: { rows: 0, columns: [] },
    timings: [],
    peakRssMb: 0,
  };
}

/** Records a run under data/lake/runs/. */
export function writeRun(lake: string, manifest: RunManifest): void {
  writeFileDurably(join(runsFolder(lake), `${manifest.run}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** It lies beside the rows that are staged. */
export const stagedManifest = (lake: string, partition: Partition) =>
  join(stagedFolder(lake, partition), 'manifest.json');

/**
 * The manifest of the run whose rows are staged; undefined when there are none, or when it is damaged: such rows do not
 * count, and an ingest stages them again.
 */
export function readStaged(lake: string, partition: Partition): RunManifest | undefined {
  return readJson(stagedManifest(lake, partition));
}

/** Marks a partition's staged file as accepted. Written last: without it the staged file does not count. */
export function writeStaged(lake: string, partition: Partition, manifest: RunManifest): void {
  writeFileDurably(stagedManifest(lake, partition), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** All runs, of one county if it is named, oldest first. Run ids begin with the time. */
export function listRuns(lake: string, county?: string): RunManifest[] {
  return runNames(lake, county).flatMap((name) => readRun(lake, name) ?? []);
}

/** One run; undefined when there is none of that id, or its file is damaged. */
export function readRun(lake: string, run: string): RunManifest | undefined {
  return readJson(join(runsFolder(lake), `${run}.json`));
}

/**
 * The newest run of each partition, of one county if it is named. Only these are read: a lake remembers thousands.
 * Runs of the sample are left out where a county has real rows: they say nothing about what is there.
 */
export function newestRuns(lake: string, county?: string): RunManifest[] {
  const byPartition = new Map<string, string[]>();
  for (const name of runNames(lake, county)) {
    const partition = name.replace(/^[^-]+-|-[^-]+$/g, '');
    byPartition.set(partition, [name, ...(byPartition.get(partition) ?? [])]);
  }
  const runs = [...byPartition].flatMap(([partition, names]) => newestReadable(lake, partition, names) ?? []);
  const sampled = new Set(runs.filter(({ source }) => source.sample).map((run) => run.county));
  const mixed = runs.filter((run) => sampled.has(run.county) && hasRealRows(lake, run));
  const real = new Set(mixed.map((run) => run.county));
  return runs.flatMap((run) => {
    if (!run.source.sample || !real.has(run.county)) return [run];
    return newestReal(lake, run) ?? [];
  });
}

/** The newest run that is not damaged, else what was staged: no partition is forgotten for the sake of one file. */
function newestReadable(lake: string, partition: string, names: string[]): RunManifest | undefined {
  for (const name of names) {
    const run = readRun(lake, name);
    if (run) return run;
  }
  const [, slug, dataset, year] = /^(.+)-(nal|sdf|nap)-(\d{4})$/.exec(partition) ?? [];
  const county = counties().find((one) => one.slug === slug);
  return county && readStaged(lake, { county, dataset: dataset as Dataset, year: Number(year) });
}

const hasRealRows = (lake: string, { countyNo, dataset, year }: RunManifest) =>
  readStaged(lake, { county: countyByNumber(countyNo)!, dataset, year })?.source.sample === false;

const newestReal = (lake: string, { county, dataset, year }: RunManifest) =>
  runNames(lake, county, dataset)
    .filter((name) => name.includes(`-${dataset}-${year}-`))
    .reverse()
    .flatMap((name) => readRun(lake, name) ?? [])
    .find((run) => !run.source.sample);

/** Run ids (time, county, roll, year, a random end), oldest first. */
export function runNames(lake: string, county?: string, dataset?: Dataset): string[] {
  const folder = runsFolder(lake);
  if (!existsSync(folder)) return [];
  const wanted = new RegExp(
    `^[^-]+-${county ?? '[a-z-]+'}-${dataset ?? '(?:nal|sdf|nap)'}-\\d{4}-\\w+\\.json$`,
  );
  return readdirSync(folder)
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => name.slice(0, -'.json'.length));
}

/** What manifests of earlier versions do not have. */
const SINCE = {
  profiledRows: 0,
  distributions: [],
  baseline: null,
  findings: [],
  redaction: { rows: 0, columns: [] },
};

function readJson(path: string): RunManifest | undefined {
  if (!existsSync(path)) return undefined;
  const read = parseManifest(path);
  if (!read) return undefined;
  const manifest = { ...SINCE, ...read };
  const columns = manifest.columns.map((column) => ({ ...NO_DETAIL, ...column }));
  return { ...manifest, columns };
}

/** One damaged file costs its own run only. It is named on every look, because nothing can be made of it. */
function parseManifest(path: string): RunManifest | undefined {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof read?.run === 'string' && read.ledger && read.source && Array.isArray(read.columns))
      return read;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  process.stderr.write(
    `${path} is damaged and left out; staged rows without a manifest are staged again by the next dor ingest\n`,
  );
  return undefined;
}

const NO_DETAIL = { quantiles: null, histogram: null, top: [] };
