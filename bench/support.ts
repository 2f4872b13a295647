/** What the benchmarks share: rolls of any size made once, a clock, a floor. Files go to bench/out, or to DOR_BENCH. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../src/project.ts';
import { findCounty } from '../src/reference.ts';
import { generateSample } from '../src/sample.ts';

export const OUT = process.env.DOR_BENCH ?? join(ROOT, 'bench/out');
mkdirSync(OUT, { recursive: true });

/** The parts that were named on the command line; all without any. */
const parts = process.argv.slice(2);
export const wants = (part: string) => parts.length === 0 || parts.includes(part);

export const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

export const report = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Rolls of that many parcels, made once. */
export async function rolls(rows: number): Promise<string> {
  const out = join(OUT, `rolls-${rows}`);
  if (existsSync(join(out, 'done'))) return out;
  const files = await generateSample({
    out,
    county: findCounty('broward'),
    year: 2025,
    rows,
    accounts: 1000,
    seed: 1,
    format: 'csv',
  });
  for (const file of files)
    report(
      `made ${file.path}: ${(file.bytes / 1e6).toFixed(0)} MB at ${(file.bytes / 1e6 / file.seconds).toFixed(0)} MB/s`,
    );
  writeFileSync(join(out, 'done'), '');
  return out;
}

/** Seconds that the work takes. */
export function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

/** A bare `COPY (select * from read_csv(…)) TO parquet (zstd)`, default settings, in a process of its own. */
export function floor(csv: string): number {
  const script = `
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run("copy (select * from read_csv('${csv}')) to '${join(OUT, 'floor.parquet')}' (format parquet, compression zstd)");`;
  return seconds(() => execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT }));
}

/** An empty folder of that name. */
export const fresh = (name: string) => {
  const folder = join(OUT, name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
};
