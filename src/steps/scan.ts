/** scan: which files there are, what they are, which of them this run takes, and a clean text of each. */

import { relative } from 'node:path';
import type { Engine } from '../engine.ts';
import { FileRefused } from '../errors.ts';
import { type DataPaths, SAMPLE } from '../lake/paths.ts';
import { type County, DATASETS, type Partition, type RuleResult, type SourceInfo } from '../model.ts';
import { countyByNumber } from '../reference.ts';
import { isBundledSample } from '../source/bundledSample.ts';
import { type Candidate, displayName } from '../source/candidate.ts';
import { identify } from '../source/identify.ts';
import type { Identity } from '../source/identity.ts';
import { discover } from '../source/discover.ts';
import { type LocatedRecord, locateRecords } from '../source/locate.ts';
import { locateInParquet, measureParquet } from '../source/parquetSource.ts';
import type { RowPlaces } from '../source/rowPlaces.ts';
import { spool } from '../source/spool.ts';
import { locateInWorkbook, spoolWorkbook } from '../source/spoolWorkbook.ts';
import type { LoadInput } from './load.ts';
import { withoutSample } from './sampleFiles.ts';

/** A file that was chosen for a partition. */
export interface Selected {
  partition: Partition;
  candidate: Candidate;
  identity: Identity;
  /** What is known before the file is read: hash and encoding are still empty. */
  source: SourceInfo;
}

export interface ScanRequest {
  /** Files or folders to look through. */
  roots: string[];
  /** Take only this county's files; null for every county. */
  county: County | null;
  year: number | null;
  /** The user named the files: another county's file is then an error and not just somebody else's. */
  named: boolean;
  /** Sheets to take from workbooks, by name; none for those that hold a roll. */
  sheets: string[];
}

export interface ScanResult {
  /** In the order in which they must be ingested: sales before the parcels that refer to them. */
  selected: Selected[];
  /** Files that a file rule refused. */
  refused: FileRefused[];
  /** What was left out and why, for people. */
  notes: string[];
  /** Roll years of the county's files that were not asked for. */
  otherYears: Set<number>;
}

/** Finds and identifies files; of several for one partition the newest submission is taken. */
export async function scan(
  request: ScanRequest,
  engine: Engine,
  paths: DataPaths,
  scratch: string,
): Promise<ScanResult> {
  const { candidates, refused } = await discover(request.roots, scratch);
  const result: ScanResult = { selected: [], refused, notes: [], otherYears: new Set() };
  for (const candidate of candidates) {
    try {
      const selected = await select(candidate, request, engine, paths, scratch, result.otherYears);
      if (selected) result.selected.push(selected);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      refused.push(error);
    }
  }
  const real = withoutSample(result.selected, paths.lake, result.notes);
  result.selected = newestOfEach(real, result.notes).sort(byIngestOrder);
  return result;
}

async function select(
  candidate: Candidate,
  request: ScanRequest,
  engine: Engine,
  paths: DataPaths,
  scratch: string,
  otherYears: Set<number>,
): Promise<Selected | null> {
  const identity = await identify(candidate, { sheets: request.sheets, engine, scratch });
  const county = countyByNumber(identity.countyNo)!;
  if (request.county && county.no !== request.county.no) {
    if (!request.named) return null;
    const what = `holds ${county.name} (CO_NO ${county.no}), not ${request.county.name} (${request.county.no})`;
    throw new FileRefused(
      'F07',
      displayName(candidate),
      what,
      `run it as COUNTY=${county.slug}, or take another file`,
    );
  }
  if (request.year && identity.year !== request.year) {
    otherYears.add(identity.year);
    return null;
  }
  const sample = await isBundledSample(candidate, scratch);
  const folder = sample ? SAMPLE : paths.inbox;
  const inside = relative(folder, candidate.path);
  const { stage, submission } = identity.name;
  return {
    partition: { dataset: identity.dataset, county, year: identity.year },
    candidate,
    identity,
    source: {
      file: inside.startsWith('..') ? candidate.path : inside,
      members: candidate.members,
      sha256: '',
      bytes: candidate.bytes,
      fileBytes: candidate.fileBytes,
      fileMtimeMs: candidate.fileMtimeMs,
      fileMark: candidate.fileMark,
      fileDate: candidate.fileDate ?? dayOfRoll(identity),
      ...(candidate.kind === 'xlsx' && { sheets: identity.sheets.map(({ sheet }) => sheet.name) }),
      encoding: '',
      newline: 'none',
      stage,
      submission,
      submissionId: identity.submissionId,
      extraColumns: identity.extra,
      sample,
    },
  };
}

/**
 * Day by which DOR has such a roll: the preliminary is due on July 1 and made in the last days before, the first final
 * comes in October. Later finals follow the board's work, which has no day; nor has a roll whose name does not tell.
 */
function dayOfRoll({ year, name: { stage, submission } }: Pick<Identity, 'year' | 'name'>): string | null {
  if (stage === 'P') return `${year}-06-30`;
  return stage === 'F' && submission === '01' ? `${year}-10-01` : null;
}

/**
 * Of the files of one partition the one that DOR published last: by submission, then by date; the others are named.
 * A name that tells no submission comes after all that do, because a copy's date says nothing of its age.
 */
function newestOfEach(all: Selected[], notes: string[]): Selected[] {
  const age = ({ fileDate, fileMtimeMs }: Candidate) => fileDate ?? new Date(fileMtimeMs).toISOString();
  const rank = ({ source, candidate }: Selected) => `${submissionRank(source).padEnd(8)}${age(candidate)}`;
  const groups = new Map<string, Selected[]>();
  for (const selected of all) {
    const { dataset, county, year } = selected.partition;
    const key = `${county.no} ${year} ${dataset}`;
    groups.set(key, [...(groups.get(key) ?? []), selected]);
  }
  return [...groups.values()].map((files) => {
    const [newest, ...others] = files.sort(
      (a, b) => compare(rank(b), rank(a)) || compare(displayName(a.candidate), displayName(b.candidate)),
    );
    for (const other of others) {
      const why =
        submissionRank(newest!.source) > submissionRank(other.source)
          ? 'the newer submission'
          : 'the newer file';
      notes.push(`${displayName(other.candidate)} is left out: ${displayName(newest!.candidate)} is ${why}`);
    }
    return newest!;
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Sorts submissions as DOR publishes them: final after preliminary, then by number; '' when the name does not say. */
export function submissionRank({ stage, submission }: Pick<SourceInfo, 'stage' | 'submission'>): string {
  return stage ? `${{ P: 1, F: 2 }[stage] ?? 0}${submission ?? ''}` : '';
}

function byIngestOrder(a: Selected, b: Selected): number {
  return (
    a.partition.county.no - b.partition.county.no ||
    a.partition.year - b.partition.year ||
    DATASETS.indexOf(a.partition.dataset) - DATASETS.indexOf(b.partition.dataset)
  );
}

/** True when the outer file is the one whose hash was taken, as far as can be told without reading it. */
export function isKnown(then: SourceInfo, now: SourceInfo): boolean {
  return (
    then.file === now.file &&
    then.members.join('\0') === now.members.join('\0') &&
    sameSheets(then, now) &&
    then.fileBytes === now.fileBytes &&
    then.fileMtimeMs === now.fileMtimeMs &&
    then.fileMark !== undefined &&
    then.fileMark === now.fileMark
  );
}

/** True when the same sheets of a workbook were taken; other files have none. */
export function sameSheets(then: SourceInfo, now: SourceInfo): boolean {
  return (then.sheets ?? []).join('\0') === (now.sheets ?? []).join('\0');
}

/** A file that was read once: counted by us, ready for the engine. */
export interface ScannedFile {
  /** What the manifest learns about the source. */
  facts: Pick<SourceInfo, 'sha256' | 'encoding' | 'newline'> & Partial<Pick<SourceInfo, 'extraColumns'>>;
  input: Omit<LoadInput, 'dataset'>;
  /** Records after the header. */
  records: number;
  /** Those that are no rows; their text is in `rejectsPath`. */
  rejected: number;
  rejectsPath: string | null;
  /** Where the records of a workbook stand; absent for other files. */
  places?: RowPlaces;
  /** F05 and F13. */
  warnings: RuleResult[];
}

/** Reads the chosen file whole, once. */
export async function readSource(
  { candidate, identity, partition }: Selected,
  engine: Engine,
  scratch: string,
  advance: (share: number) => void,
): Promise<ScannedFile> {
  const { columns, extra } = identity;
  if (candidate.kind === 'parquet') {
    const { sha256, records } = await measureParquet(candidate, engine);
    return {
      facts: { sha256, encoding: 'utf-8', newline: 'none' },
      input: { kind: 'parquet', path: candidate.onDisk!, columns, extra },
      records,
      rejected: 0,
      rejectsPath: null,
      warnings: [],
    };
  }
  const name = `source_${partition.dataset}`;
  const onBytes = (bytes: number) => advance(Math.min(1, bytes / candidate.bytes));
  if (candidate.kind === 'xlsx') {
    const { sha256, encoding, newline, csvPath, unnamed, ...spooled } = await spoolWorkbook({
      candidate,
      identity,
      scratch,
      name,
      onBytes,
    });
    const all = [...extra, ...unnamed];
    const input = { kind: 'csv' as const, path: csvPath, columns: spooled.columns, extra: all };
    return { facts: { sha256, encoding, newline, extraColumns: all }, input, ...spooled };
  }
  const found = await spool({ candidate, columns: columns.length, scratch, name, onBytes });
  const { converted, convertedLines } = found;
  const lines = `${convertedLines.join(', ')}${convertedLines.length < converted ? ', …' : ''}`;
  const message = `${converted} bytes are no UTF-8 and were read as Windows-1252 (lines ${lines})`;
  return {
    facts: { sha256: found.sha256, encoding: found.encoding, newline: found.newline },
    input: { kind: 'csv', path: found.csvPath, columns, extra },
    records: found.records,
    rejected: found.rejected,
    rejectsPath: found.rejectsPath,
    warnings: converted > 0 ? [{ id: 'F05', severity: 'warning', message, rows: 0, samples: [] }] : [],
  };
}

/** The way back from a record's ordinal to its line and text. */
export function locateIn(selected: Selected, scanned: ScannedFile, scratch: string, engine: Engine) {
  const { candidate } = selected;
  const columns = scanned.input.columns.length;
  return (ordinals: number[]): AsyncIterable<LocatedRecord> => {
    if (candidate.kind === 'parquet') return locateInParquet(candidate, ordinals, engine);
    if (scanned.places)
      return locateInWorkbook(scanned.input.path, columns, scanned.places, ordinals, scratch);
    return locateRecords(candidate, scanned.facts.encoding as never, columns, ordinals, scratch);
  };
}
