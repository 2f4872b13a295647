/** The record that a staged row was read from, as it stands in the source file: if that is still the same file. */

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { SqlValue } from '../engine.ts';
import type { DataPaths } from '../lake/paths.ts';
import type { RunManifest } from '../model.ts';
import { SAMPLE } from '../project.ts';
import type { Lake } from '../query/lake.ts';
import { ROLLS } from '../rolls.ts';
import { unpackMember } from '../source/bytes.ts';
import { type Candidate, sniff } from '../source/candidate.ts';
import type { Encoding } from '../source/encoding.ts';
import { markFile } from '../source/fileMark.ts';
import { findRecord, type SourceRecord } from '../source/findRecord.ts';
import { identifyWorkbook } from '../source/rollSheets.ts';
import { spoolWorkbook } from '../source/spoolWorkbook.ts';
import { literal } from '../sqlText.ts';

/** Rows of a small query as objects. */
export async function objects(lake: Lake, sql: string): Promise<Record<string, unknown>[]> {
  return (await lake.connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, SqlValue>[];
}

/** A record and where it stands. */
export interface Found {
  record: SourceRecord | null;
  /** Of a workbook; `record.line` is then the row of the sheet. */
  sheet: string | null;
  /** Why there is no record. */
  gone: string | null;
}

const without = (gone: string): Found => ({ record: null, sheet: null, gone });

/** Where rows and their files lie. */
export interface Places {
  lake: Lake;
  paths: DataPaths;
  scratch: string;
}

/** The record in the source file, or why it cannot be read. */
export async function readRecord(
  { lake, paths, scratch }: Places,
  manifest: RunManifest,
  key: Record<string, string>,
): Promise<Found> {
  const { dataset, source } = manifest;
  const { keys } = ROLLS[dataset];
  const folder = source.sample ? SAMPLE : paths.inbox;
  const path = isAbsolute(source.file) ? source.file : join(folder, source.file);
  if (!existsSync(path)) return without(`the file is no longer there (${path})`);
  const wanted = Object.fromEntries(
    keys.file.map((column, index) => [column, key[keys.staged[index]!]!.toUpperCase()]),
  );
  const places = await rejectedPlaces(lake, manifest);
  const rejected = (line: number, sheet?: string) => places.has(placeOf(source.members, line, sheet));
  try {
    const search = { manifest, path, key: wanted, rejected, scratch };
    return source.sheets ? await findInWorkbook(search) : await findInText(search);
  } catch (error) {
    return without(`the file cannot be read any more: ${(error as Error).message}`);
  }
}

interface Search {
  manifest: RunManifest;
  path: string;
  /** Column of the roll → value, upper-case. */
  key: Record<string, string>;
  /** True for a line, or a row of a sheet, that was rejected. */
  rejected: (line: number, sheet?: string) => boolean;
  scratch: string;
}

async function findInText({
  manifest: { dataset, source },
  path,
  key,
  rejected,
  scratch,
}: Search): Promise<Found> {
  const kind = sniff(firstBytes(path));
  if (source.members.length === 0 && kind !== 'csv' && kind !== 'csv.gz')
    return without(`lines are only known of texts and workbooks, and this is ${kind}`);
  const stat = statSync(path);
  const same =
    stat.size === source.fileBytes &&
    Math.round(stat.mtimeMs) === source.fileMtimeMs &&
    source.fileMark === markFile(path);
  const candidate: Candidate = {
    ...source,
    path,
    kind: kind === 'csv.gz' && source.members.length === 0 ? 'csv.gz' : 'csv',
  };
  const encoding = (source.encoding || 'utf-8') as Encoding;
  const search = {
    candidate,
    dataset,
    encoding,
    key,
    rejected: (line: number) => rejected(line),
    hash: !same,
  };
  const { record, sha256 } = await findRecord(search, scratch);
  if (sha256 !== null && sha256 !== source.sha256) return without(CHANGED);
  return record ? { record, sheet: null, gone: null } : without(NO_RECORD);
}

/** A workbook has no lines: its rows are stacked once more, as when it was read, and the record is looked for there. */
async function findInWorkbook({
  manifest: { dataset, source },
  path,
  key,
  rejected,
  scratch,
}: Search): Promise<Found> {
  const onDisk = await unpackMember({ path, members: source.members }, scratch);
  const workbook: Candidate = { ...source, path, kind: 'xlsx', onDisk };
  const identity = await identifyWorkbook(workbook, source.sheets!, scratch);
  const { csvPath, sha256, places } = await spoolWorkbook({
    candidate: workbook,
    identity,
    scratch,
    name: 'why',
  });
  if (sha256 !== source.sha256) return without(CHANGED);
  const candidate: Candidate = { ...source, path: csvPath, members: [], kind: 'csv' };
  const isRejected = (_: number, ordinal: number) => {
    const { sheet, row } = places.find(ordinal);
    return rejected(row, sheet);
  };
  const search = { candidate, dataset, encoding: 'utf-8' as const, key, rejected: isRejected, hash: false };
  const { record } = await findRecord(search, scratch);
  if (!record) return without(NO_RECORD);
  const { sheet, row } = places.find(record.ordinal);
  return { record: { ...record, line: row }, sheet, gone: null };
}

const CHANGED = 'the file was changed or replaced since: its SHA-256 is another';
const NO_RECORD = 'the file has no such record';

function firstBytes(path: string): Buffer {
  const head = Buffer.alloc(1024);
  const descriptor = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

/** Members, sheet and line as dead letters have them. */
const placeOf = (members: string[], line: number, sheet?: string) =>
  `${[...members, ...(sheet ? [sheet] : [])].join(' › ')}\0${line}`;

async function rejectedPlaces(lake: Lake, { dataset, county, year }: RunManifest): Promise<Set<string>> {
  if (!lake.tables.includes('rejected')) return new Set();
  const rows = await objects(
    lake,
    `select distinct coalesce(member, '') as member, line from rejected
     where dataset = ${literal(dataset)} and county = ${literal(county)} and year = ${year} and line is not null and not stopped`,
  );
  return new Set(rows.map(({ member, line }) => placeOf([String(member)], Number(line))));
}
