/**
 * Publishing, against psql's \copy into a table with the same indexes and against an upsert of all rows, in one run.
 * `make bench-publish`. Server and client share the machine, so that both sides of a ratio compete alike.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ROOT } from '../src/project.ts';
import { rows, startServer } from '../test/server.ts';
import { fresh, median, OUT, report, rolls, seconds } from './support.ts';

const ROWS = Number(process.env.DOR_BENCH_ROWS ?? 1_200_000);
const ROUNDS = Number(process.env.DOR_BENCH_ROUNDS ?? 3);

interface Ran {
  wall: number;
  stdout: string;
  /** Of the process, the embedded engine included. */
  peakMb: number;
}

/** Runs `dor` under time(1)'s eye: wall seconds and the largest resident set. */
function dor(data: string, url: string, args: string[], expected = 0): Ran {
  const env = { ...process.env, SUPABASE_DB_URL: url, DOR_DATA: data };
  let end!: ReturnType<typeof spawnSync>;
  const wall = seconds(() => {
    end = spawnSync('/usr/bin/time', ['-f', 'peak %M', join(ROOT, 'bin/dor'), ...args], {
      env,
      maxBuffer: 1 << 28,
    });
  });
  if (end.status !== expected) throw new Error(`dor ${args.join(' ')}: ${end.stderr}`);
  const peak = Number(/peak (\d+)/.exec(String(end.stderr))?.[1]) / 1024;
  return { wall, stdout: String(end.stdout), peakMb: Math.round(peak) };
}

/** Seconds of the steps that publish. */
function publishing({ stdout }: Ran): { total: number; steps: string; changes: string } {
  const [{ timings, changes }] = JSON.parse(stdout).manifests;
  const steps = timings.filter(({ step }: { step: string }) => ['plan', 'push', 'record'].includes(step));
  return {
    total: steps.reduce((sum: number, { seconds: s }: { seconds: number }) => sum + s, 0),
    steps: steps
      .map(({ step, seconds: s }: { step: string; seconds: number }) => `${step} ${s.toFixed(1)}`)
      .join(', '),
    changes: JSON.stringify(changes),
  };
}

/** The staged rows as a CSV file, columns in the table's order. */
async function exportRows(url: string, data: string): Promise<string> {
  const columns = await rows(
    url,
    `select column_name, data_type from information_schema.columns
     where table_name = 'dor_properties' and table_schema = 'public' order by ordinal_position`,
  );
  const names = columns.map(({ column_name: name, data_type: type }) =>
    type === 'jsonb' && name !== 'extra' ? `to_json(${name}) as ${name}` : name,
  );
  const file = join(OUT, 'publish', 'published.csv');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const staged = join(data, 'lake/staged/dor_properties/county=broward/year=2025/data.parquet');
  await connection.run(
    `copy (select ${names.join(', ')} from '${staged}') to '${file}' (format csv, header false)`,
  );
  connection.closeSync();
  return file;
}

const psql = (url: string, commands: string[]) =>
  seconds(() => execFileSync('psql', [url, '-q', ...commands.flatMap((command) => ['-c', command])]));

/** The rolls with one row in a hundred changed. */
function changedRolls(nal: string): string {
  const folder = join(OUT, 'publish', 'changed');
  mkdirSync(folder, { recursive: true });
  const to = join(folder, 'NAL16P202501.csv');
  const program =
    'NR % 100 == 50 { sub(/"FLORIDA"/, "\\"GEORGIA\\""); sub(/,"LOT /, ",\\"TRACT ") } { print }';
  execFileSync('sh', ['-c', `awk '${program}' '${nal}' > '${to}'`]);
  return to;
}

const list = (values: number[]) => values.map((value) => value.toFixed(1)).join(' ');

const server = await startServer();
try {
  const nal = join(await rolls(ROWS), 'NAL16P202501.csv');
  const data = fresh('publish/data');
  mkdirSync(data, { recursive: true });
  dor(data, '', ['ingest', 'broward', '--source', nal, '--no-push']);
  const ours: number[] = [];
  const copies: number[] = [];
  const peaks: number[] = [];
  let url = '';
  let csv = '';
  let steps = '';
  for (let round = 0; round < ROUNDS; round++) {
    if (url) await dropDatabase(url);
    url = await server.createDatabase(`publish${round}`);
    const run = dor(data, url, ['ingest', 'broward', '--source', nal, '--json']);
    ours.push(publishing(run).total);
    peaks.push(run.peakMb);
    steps = publishing(run).steps;
    csv ||= await exportRows(url, data);
    await rows(url, 'create table peer (like dor_properties including indexes)');
    copies.push(psql(url, [`\\copy peer from '${csv}' (format csv)`]));
    if (round < ROUNDS - 1) await rows(url, 'drop table peer');
  }
  report(
    `full push of ${ROWS} rows ${list(ours)} s (${steps}), psql \\copy ${list(copies)} s: ratio of the medians ${(median(ours) / median(copies)).toFixed(2)} (goal 1.3); peak ${peaks} MB (goal 300)`,
  );

  const upsert = psql(url, [
    'create unlogged table incoming (like peer)',
    `\\copy incoming from '${csv}' (format csv)`,
    `insert into peer select * from incoming on conflict (county_no, year, parcel_id) do update set ${await assignments(url)}`,
  ]);
  await rows(url, 'drop table incoming; drop table peer');
  const changed = changedRolls(nal);
  dor(data, '', ['ingest', 'broward', '--source', changed, '--no-push']);
  const plan = dor(data, url, ['plan', 'broward']);
  const one = dor(data, url, ['ingest', 'broward', '--source', changed, '--json']);
  const part = publishing(one);
  report(
    `1 % changed ${part.changes}: ${part.total.toFixed(1)} s in steps (${part.steps}), ${one.wall.toFixed(1)} s as a process (goal 5), peak ${one.peakMb} MB; upsert of all rows by psql ${upsert.toFixed(1)} s, ratio ${(upsert / one.wall).toFixed(1)}; dor plan alone ${plan.wall.toFixed(1)} s`,
  );
  const nothing = [1, 2, 3].map(
    () => dor(data, url, ['ingest', 'broward', '--source', changed, '--json']).wall,
  );
  report(`nothing changed: ${list(nothing)} s as a process (goal 2)`);
  const drift = dor(data, url, ['drift', 'broward']);
  report(`drift, every row: ${drift.wall.toFixed(1)} s, peak ${drift.peakMb} MB`);
  const back = dor(data, url, ['rollback', 'broward']);
  report(`rollback of the 1 %, every row looked at: ${back.wall.toFixed(1)} s, peak ${back.peakMb} MB`);
} finally {
  await server.stop();
  rmSync(join(OUT, 'publish'), { recursive: true, force: true });
}

async function dropDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  const name = admin.pathname.slice(1);
  admin.pathname = '/postgres';
  await rows(admin.href, `drop database "${name}" with (force)`);
}

async function assignments(url: string): Promise<string> {
  const [row] = await rows(
    url,
    `select string_agg(column_name || ' = excluded.' || column_name, ', ') as list from information_schema.columns
     where table_name = 'peer' and column_name not in ('county_no', 'year', 'parcel_id')`,
  );
  return row.list;
}
