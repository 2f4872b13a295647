/** Which of the files that there are does a run take? */

import { relative } from 'node:path';
import type { Engine } from '../engine.ts';
import { DorError, FileRefused } from '../errors.ts';
import type { DataPaths } from '../lake/paths.ts';
import { stagedOf } from '../lake/sampleRows.ts';
import type { County, Partition, SourceInfo } from '../model.ts';
import { SAMPLE } from '../project.ts';
import { countyByNumber } from '../reference.ts';
import { DATASETS } from '../rolls.ts';
import { isBundledSample } from './bundledSample.ts';
import { type Candidate, displayName } from './candidate.ts';
import { discover } from './discover.ts';
import { identify } from './identify.ts';
import type { Identity } from './identity.ts';

/** A file that was chosen for a partition. */
export interface Selected {
  partition: Partition;
  candidate: Candidate;
  identity: Identity;
  /** What is known before the file is read: hash and encoding are still empty. */
  source: SourceInfo;
}

export interface FileRequest {
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

export interface Selection {
  /** In the order in which they must be ingested: sales before the parcels that refer to them. */
  selected: Selected[];
  /** Files that a file rule refused. */
  refused: FileRefused[];
  /** What was left out and why, for people. */
  notes: string[];
  /** Roll years of the county's files that were not asked for. */
  otherYears: Set<number>;
}

/** What files are looked at with. */
interface Session {
  engine: Engine;
  paths: DataPaths;
  scratch: string;
}

/** Finds and identifies files; of several for one partition the newest submission is taken. */
export async function selectFiles(request: FileRequest, session: Session): Promise<Selection> {
  const { candidates, refused } = await discover(request.roots, session.scratch);
  const all: Selected[] = [];
  const otherYears = new Set<number>();
  for (const candidate of candidates) {
    try {
      const selected = await select(candidate, request, session, otherYears);
      if (selected) all.push(selected);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      refused.push(error);
    }
  }
  const notes: string[] = [];
  const real = withoutSample(all, session.paths.lake, notes);
  return { selected: newestOfEach(real, notes).sort(byIngestOrder), refused, notes, otherYears };
}

/** Null for a file that was not asked for. @throws FileRefused when it is no roll, or was named and is of another county. */
async function select(
  candidate: Candidate,
  request: FileRequest,
  { engine, paths, scratch }: Session,
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
  return {
    partition: { dataset: identity.dataset, county, year: identity.year },
    candidate,
    identity,
    source: describe(candidate, identity, { sample, folder: sample ? SAMPLE : paths.inbox }),
  };
}

function describe(
  candidate: Candidate,
  identity: Identity,
  { sample, folder }: { sample: boolean; folder: string },
): SourceInfo {
  const inside = relative(folder, candidate.path);
  const { stage, submission } = identity.name;
  return {
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
 * The bundled sample is said, and left out where its county has real rows.
 * @throws DorError when all that there is are files of the sample, and their counties have real rows.
 */
function withoutSample(all: Selected[], lake: string, notes: string[]): Selected[] {
  const isReal = ({ source }: Selected) => !source.sample;
  const isAlone = ({ partition: { county } }: Selected) =>
    stagedOf(lake, county, false).length === 0 &&
    !all.some((one) => isReal(one) && one.partition.county.no === county.no);
  const kept = all.filter((one) => isReal(one) || isAlone(one));
  const left = all.filter((one) => !kept.includes(one));
  if (left.length > 0 && kept.length === 0) {
    const { candidate, partition } = left[0]!;
    throw new DorError(
      `${displayName(candidate)} is the bundled sample; the real rows of ${partition.county.name} stay as they are, and the sample does not replace them`,
      "put the county's files into the inbox, or name them with --source",
    );
  }
  for (const { candidate, partition } of left)
    notes.push(
      `${displayName(candidate)} is left out: it is the bundled sample, and ${partition.county.name} has real rows`,
    );
  for (const { candidate } of kept.filter((one) => !isReal(one)))
    notes.push(
      `*** ${displayName(candidate)}: this is the BUNDLED SAMPLE, generated rows and no real parcels ***`,
    );
  return kept;
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
