/** read: the chosen file, whole and once, as a clean text that the engine loads. */

import type { Engine } from '../engine.ts';
import type { RuleResult, SourceInfo } from '../model.ts';
import type { Encoding } from '../source/encoding.ts';
import { type LocatedRecord, locateRecords } from '../source/locate.ts';
import { locateInParquet, measureParquet } from '../source/parquetSource.ts';
import type { RowPlaces } from '../source/rowPlaces.ts';
import type { Selected } from '../source/select.ts';
import { spool } from '../source/spool.ts';
import { locateInWorkbook, spoolWorkbook } from '../source/spoolWorkbook.ts';
import type { LoadInput } from './load.ts';

/** A file that was read once: counted by us, ready for the engine. */
export interface ReadFile {
  /** What the manifest learns about the source. */
  facts: Pick<SourceInfo, 'sha256' | 'newline'> & { encoding: Encoding; extraColumns?: string[] };
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
): Promise<ReadFile> {
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
export function locateIn({ candidate }: Selected, read: ReadFile, scratch: string, engine: Engine) {
  const { path, columns } = read.input;
  const { encoding } = read.facts;
  return (ordinals: number[]): AsyncIterable<LocatedRecord> => {
    if (candidate.kind === 'parquet') return locateInParquet(candidate, ordinals, engine);
    const { places } = read;
    if (places) return locateInWorkbook({ csv: path, columns: columns.length, places, scratch }, ordinals);
    return locateRecords({ candidate, encoding, columns: columns.length, scratch }, ordinals);
  };
}
