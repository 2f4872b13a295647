/** The record that a staged row was read from, as it stands in the source file: if that is still the same file. */

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { literal, type SqlValue } from '../engine.ts';
import { type DataPaths, SAMPLE } from '../lake/paths.ts';
import type { Dataset, RunManifest } from '../model.ts';
import type { Lake } from '../query/lakeViews.ts';
import { type Candidate, sniff } from '../source/candidate.ts';
import type { Encoding } from '../source/encoding.ts';
import { findRecord, type SourceRecord } from '../source/find.ts';

/** Staged key columns and the roll's own. */
export const KEYS: Record<Dataset, Record<string, string>> = {
  nal: { parcel_id: 'PARCEL_ID' },
  sdf: { parcel_id: 'PARCEL_ID', sale_id: 'SALE_ID_CD' },
  nap: { account_id: 'ACCT_ID' },
};
/** Rows of a small query as objects. */
export async function objects(lake: Lake, sql: string): Promise<Record<string, unknown>[]> {
  return (await lake.connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, SqlValue>[];
}

/** The record in the source file, or why it cannot be read. */
export async function readRecord(
  lake: Lake,
  paths: DataPaths,
  { dataset, county, year, source }: RunManifest,
  key: Record<string, string>,
  scratch: string,
): Promise<{ record: SourceRecord | null; gone: string | null }> {
  const folder = source.sample ? SAMPLE : paths.inbox;
  const path = isAbsolute(source.file) ? source.file : join(folder, source.file);
  if (!existsSync(path)) return { record: null, gone: `the file is no longer there (${path})` };
  const stat = statSync(path);
  const same = stat.size === source.fileBytes && Math.round(stat.mtimeMs) === source.fileMtimeMs;
  const kind = sniff(firstBytes(path));
  if (source.members.length === 0 && kind !== 'csv' && kind !== 'csv.gz')
    return { record: null, gone: `lines are only known of text files, and this is ${kind}` };
  const rejected = await rejectedLines(lake, dataset, county, year);
  const candidate: Candidate = {
    ...source,
    path,
    kind: kind === 'csv.gz' && source.members.length === 0 ? 'csv.gz' : 'csv',
  };
  const wanted = Object.fromEntries(
    Object.entries(KEYS[dataset]).map(([name, column]) => [column, key[name]!.toUpperCase()]),
  );
  try {
    const { record, sha256 } = await findRecord(
      {
        candidate,
        dataset,
        encoding: (source.encoding || 'utf-8') as Encoding,
        key: wanted,
        skipLines: rejected,
        hash: !same,
      },
      scratch,
    );
    if (sha256 !== null && sha256 !== source.sha256)
      return { record: null, gone: 'the file was changed or replaced since: its SHA-256 is another' };
    return { record, gone: record ? null : 'the file has no such record' };
  } catch (error) {
    return { record: null, gone: `the file cannot be read any more: ${(error as Error).message}` };
  }
}

function firstBytes(path: string): Buffer {
  const head = Buffer.alloc(1024);
  const descriptor = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

async function rejectedLines(
  lake: Lake,
  dataset: Dataset,
  county: string,
  year: number,
): Promise<Set<number>> {
  if (!lake.tables.includes('rejected')) return new Set();
  const rows = await objects(
    lake,
    `select distinct line from rejected where dataset = ${literal(dataset)} and county = ${literal(county)} and year = ${year} and line is not null`,
  );
  return new Set(rows.map((row) => Number(row.line)));
}
