/**
 * The quality report: what its profile costs an ingest, against a bare scan of the same file that counts and finds
 * extremes; and how long a page takes beyond its SQL. `node --import tsx bench/report.ts`.
 */

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ROOT } from '../src/project.ts';
import { fresh, median, report, rolls, seconds } from './support.ts';

/** Broward's size. */
const ROWS = Number(process.env.DOR_BENCH_ROWS ?? 1_200_000);
const ROUNDS = 3;

const data = fresh('data-report');
const env = { ...process.env, SUPABASE_DB_URL: '', DOR_DATA: data };
function dor(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/dor'), args, { env, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}

/** Count, minimum and maximum of every column, in one scan with the threads of an ingest. */
async function bareScan(path: string): Promise<number> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const file = `read_parquet('${path}')`;
  const described = (await connection.runAndReadAll(`describe from ${file}`)).getRowObjects();
  const scan = described
    .filter((row) => !String(row.column_type).startsWith('MAP'))
    .map(({ column_name: name }) => `count("${name}"), min("${name}"), max("${name}")`);
  const started = performance.now();
  await connection.run(`select ${scan.join(', ')} from ${file}`);
  return (performance.now() - started) / 1000;
}

const nal = join(await rolls(ROWS), 'NAL16P202501.csv');
const staged = join(data, 'lake/staged/dor_properties/county=broward/year=2025/data.parquet');
const scans: number[] = [];
const profiles: number[] = [];
const shares: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const { manifests } = JSON.parse(
    dor('ingest', 'broward', '--source', nal, '--no-push', '--force', '--json'),
  );
  const timings = manifests[0].timings as { step: string; seconds: number }[];
  const of = (step: string) => timings.find((one) => one.step === step)!.seconds;
  const ours = of('profile') + of('baseline');
  profiles.push(ours);
  shares.push(ours / timings.reduce((sum, one) => sum + one.seconds, 0));
  scans.push(await bareScan(staged));
}
const figures = (values: number[]) => values.map((value) => value.toFixed(2)).join(' ');
report(
  `${ROWS} rows: profile and baseline ${figures(profiles)} s, bare scan ${figures(scans)} s, ratio of the medians ${(median(profiles) / median(scans)).toFixed(2)}`,
);
report(`share of the ingest ${figures(shares)}`);

const pages: number[] = [];
const idle: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  pages.push(seconds(() => dor('report', 'broward')));
  idle.push(seconds(() => dor('status')));
}
const page = join(data, 'reports/broward-2025.html');
report(
  `page of the county ${figures(pages)} s as a process, dor status ${figures(idle)} s: ${(median(pages) - median(idle)).toFixed(2)} s beyond (goal 3); ${(statSync(page).size / 1000).toFixed(0)} kB (goal 1000)`,
);
