/** How much of the machine a run may use. A pure function: what is chosen, and why, can be read and tested. */

import { availableParallelism, totalmem } from 'node:os';

export interface SourceSize {
  /** Bytes of the largest file of the run: uncompressed, but for .gz and workbooks. */
  bytes: number;
  kind: 'csv' | 'csv.gz' | 'parquet' | 'xlsx';
}

export interface Machine {
  cpus: number;
  /** Memory this process may use: the container's limit where there is one. */
  memoryMb: number;
}

export interface RouteOverrides {
  threads?: number;
  memoryLimitMb?: number;
  mode?: RouteMode;
}

type RouteMode = 'in-memory' | 'out-of-core';

export interface Route {
  threads: number;
  /** DuckDB's memory limit. The process itself needs about 150 MB more. */
  memoryLimitMb: number;
  mode: RouteMode;
  /** See ROW_GROUP. */
  rowGroupSize: number;
  reason: string;
}

/** Largest file that is kept in memory as a table between the steps. */
const IN_MEMORY_MB = 48;
/** What a 1.2M-row × 165-column roll needs without spilling, measured; more buys nothing. */
const COMFORTABLE_MB = 560;
/** Bytes of rows in a packed byte, about: real rolls have 5 to 12 as gzip, and 1 to 5 as workbooks. */
const PACKED = 5;
const SMALLEST_MB = 256;
/** Rows per Parquet row group: narrow ones keep the write buffers of 165 columns small. */
export const ROW_GROUP = 20_480;

/** CPUs and memory of this process: the container's limit where there is one. */
export function lookAtMachine(): Machine {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return { cpus: availableParallelism(), memoryMb: Math.floor(bytes / 2 ** 20) };
}

/** Chooses threads, memory and mode from the size of the largest file and the machine. */
export function chooseRoute(source: SourceSize, machine: Machine, overrides: RouteOverrides = {}): Route {
  const packed = source.kind === 'xlsx' || source.kind === 'csv.gz';
  const sourceMb = (source.bytes * (packed ? PACKED : 1)) / 1e6;
  // A quarter of the machine at most: the target's server often runs beside us.
  const affordable = Math.max(SMALLEST_MB, Math.floor(machine.memoryMb / 4));
  const memoryLimitMb = overrides.memoryLimitMb ?? Math.min(COMFORTABLE_MB, affordable);
  // Every thread holds write buffers of its own, so memory bounds the threads.
  const threads = overrides.threads ?? Math.max(1, Math.min(machine.cpus, Math.floor(memoryLimitMb / 140)));
  const fits = sourceMb <= IN_MEMORY_MB && sourceMb * 4 <= memoryLimitMb;
  const mode = overrides.mode ?? (fits ? 'in-memory' : 'out-of-core');
  const size = `${sourceMb.toFixed(0)} MB ${source.kind}`;
  const why =
    mode === 'in-memory'
      ? `${size} fits: rows stay in memory between the steps`
      : `${size}: rows go through Parquet on disk between the steps, memory stays flat`;
  const chosen = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const asked = chosen.length
    ? `; as asked: ${chosen.map(([key, value]) => `${key}=${value}`).join(', ')}`
    : '';
  return {
    threads,
    memoryLimitMb,
    mode,
    rowGroupSize: ROW_GROUP,
    reason: `${why} (${machine.cpus} CPUs, ${machine.memoryMb} MB)${asked}`,
  };
}
