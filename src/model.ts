/** The vocabulary that every step shares. Plain data: counts, names and paths, never rows. */

/** NAL real property, SDF sales, NAP tangible personal property. */
export type Dataset = 'nal' | 'sdf' | 'nap';

/** DOR's own county number (11-77), never the FIPS code. `slug` as in data/reference/counties.csv. */
export interface County {
  no: number;
  slug: string;
  name: string;
  fips: string;
}

/** The unit of ingest, staging, diff, push and rollback. `year` is the roll year. */
export interface Partition {
  dataset: Dataset;
  county: County;
  year: number;
}

/** What a check found. `rows` counts the rows that break the rule; null when what it compares with is not there. */
export interface RuleResult {
  id: string;
  severity: 'error' | 'warning';
  message: string;
  rows: number | null;
  /** What `rows` are of: all parcels, sales or accounts that were looked at. Absent in file rules and in old runs. */
  of?: { what: string; rows: number };
  /** Why it was not run, in words, where `rows` is null. Absent in old runs. */
  notRun?: string;
  /** Up to SAMPLE_ROWS rows, key columns first, then the columns the rule is about. Values as text. */
  samples: Record<string, string | null>[];
}

/** Every row of the file is in exactly one of these; `balanced` says that they add up. */
export interface Ledger {
  /** Records in the file after the header, counted as the file is read, independently of DuckDB. */
  recordsIn: number;
  accepted: number;
  /** Records that are no row: wrong field count, bad quotes. */
  rejectedStructure: number;
  /** Rows that break a rule of severity error (duplicates apart). */
  rejectedRule: number;
  /** Later copies of a key. */
  duplicates: number;
  balanced: boolean;
}

/** Rows to insert, update and delete in the target, and rows equal on both sides. */
export interface Changes {
  insert: number;
  update: number;
  delete: number;
  unchanged: number;
}

export interface FileSeal {
  sha256: string;
  bytes: number;
  mtimeMs: number;
}

/** What the files of a content are to be. */
export interface Seals {
  data: FileSeal;
  medians: FileSeal | null;
}

/** One content of a partition: which run made it, from what, and the figures that prove it. */
export interface Revision {
  run: string;
  rows: number;
  /** Sum of the row hashes, as text: it is wider than a number. */
  checksum: string;
  sourceSha256: string;
  stage: string | null;
  submission: string | null;
  sqlVersion: string;
  /** Generated rows: they never go to a real server. */
  sample: boolean;
}

/** A revision as the target's ledger has it. */
export interface Publication extends Revision {
  /** Ascending with each publication of the target, whatever clocks say. */
  id: string;
  publishedAt: string;
}

/** One step of one partition, as timed by the pipeline. */
interface StepTiming {
  step: string;
  seconds: number;
  /** The most memory that the process had held by the end of the step. */
  peakRssMb: number;
}

/** Profile of one staged column. Values as text; `min`/`max` null for columns that hold nothing. */
export interface ColumnProfile {
  name: string;
  type: string;
  filled: number;
  distinct: number;
  min: string | null;
  max: string | null;
  /** Numbers only: the 5, 25, 50, 75 and 95 % quantiles of the profile's sample. */
  quantiles: number[] | null;
  /** Numbers only: counts in sixteen equal bins between the sample's 1st and 99th percentile. */
  histogram: { low: number; high: number; bins: number[] } | null;
  /** Values that repeat, the commonest first, with their share of the filled values of the sample. */
  top: { value: string; share: number }[];
}

/** A distribution that people look at first. Bins have bounds, bars and months a label. */
export interface Distribution {
  title: string;
  /** Staged columns that it is made from. */
  columns: string[];
  kind: 'histogram' | 'bars' | 'months';
  unit: string | null;
  bins: { label: string | null; low: number | null; high: number | null; rows: number }[];
}

/** What differs from the county's own last good runs, or from other counties, by more than a band allows. */
export interface Finding {
  level: 'warn' | 'fail';
  /** What was measured: `rows`, `rule`, `fill`, `distinct`, `quantiles` or `shares`. */
  measure: string;
  /** Rule or column; null for the whole roll. */
  name: string | null;
  message: string;
}

/** What a run was compared with. */
interface Baseline {
  /** Good runs of the same county and roll, newest first; empty for a first run. */
  runs: string[];
  /** Other counties that have a good run of the same roll. */
  counties: number;
}

/** Where the rows came from. */
export interface SourceInfo {
  /** Path as found, relative to the inbox or the sample folder when it lies in one of them. */
  file: string;
  /** Names inside nested archives, outermost first; empty for a plain file. */
  members: string[];
  /** SHA-256 of the decoded member's bytes as they are in the archive or on disk, hex. */
  sha256: string;
  bytes: number;
  /** Of the outer file: when these and its mark are unchanged, the hash is trusted without reading. */
  fileBytes: number;
  fileMtimeMs: number;
  /** See `markFile`; absent in manifests of former versions. */
  fileMark?: string;
  /** Day the roll was made, ISO: the zip member's date, else what year and stage say; null when nothing tells. */
  fileDate: string | null;
  /** Sheets of a workbook whose rows were stacked, in order; absent for other files. */
  sheets?: string[];
  encoding: string;
  newline: 'lf' | 'crlf' | 'mixed' | 'none';
  /** P preliminary, F final; from the file name, null when the name does not say. */
  stage: string | null;
  /** Submission number within the stage, from the file name. */
  submission: string | null;
  /** RS_ID or TS_ID found in the rows. */
  submissionId: string | null;
  /** Header names that fields.csv does not know; kept as text in the staged `extra` column. */
  extraColumns: string[];
  sample: boolean;
}

export type Verdict = 'pass' | 'warn' | 'fail';

/** data/lake/runs/<run-id>.json: everything that a run knows about one partition. */
export interface RunManifest {
  run: string;
  dataset: Dataset;
  table: string;
  county: string;
  countyNo: number;
  year: number;
  startedAt: string;
  finishedAt: string;
  status: 'published' | 'staged' | 'unchanged' | 'stopped' | 'failed' | 'dry-run';
  verdict: Verdict;
  /** Why it was stopped or failed, in words, else null. */
  reason: string | null;
  /** What to do about it. */
  remedy: string | null;
  /** Exit code that this partition asks for. */
  exitCode: number;
  source: SourceInfo;
  /** Hash of all transforms and reference files. */
  sqlVersion: string;
  /** DuckDB's version. */
  engine: string;
  /** Checksum of the staged sales that the parcels were enriched with; null for other datasets or without sales. */
  salesChecksum: string | null;
  ledger: Ledger;
  /** File rules (see FILE_RULES) that were warnings; errors end the run. */
  fileRules: RuleResult[];
  rules: RuleResult[];
  /** Rows with at least one warning. */
  rowsWithWarning: number;
  /** Rows, sum of the row hashes, size of the Parquet file; seals of the files, which earlier versions do not have. */
  staged: { rows: number; checksum: string; bytes: number; seals?: Seals } | null;
  changes: Changes | null;
  /** Plan that was applied; null when there was nothing to do or nothing was to be pushed. */
  plan: string | null;
  target: string | null;
  columns: ColumnProfile[];
  /** Rows that quantiles, top values and small histograms were taken from. */
  profiledRows: number;
  distributions: Distribution[];
  /** Null when the run ended before it could be compared. */
  baseline: Baseline | null;
  findings: Finding[];
  /** What reports, samples and listings of this run leave out. */
  redaction: { rows: number; columns: string[] };
  timings: StepTiming[];
  peakRssMb: number;
  routing: { threads: number; memoryLimitMb: number; mode: string; reason: string };
}
