/**
 * What we promise about speed and memory, against a floor and peers timed in the same run. `make bench`.
 * Arguments choose parts: floor push peer memory (all without any). Files go to bench/out, which git ignores.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import csvParser from 'csv-parser';
import pg from 'pg';
import { ROOT } from '../src/project.ts';
import { startServer } from '../test/server.ts';
import { SHARED, sharedData } from '../test/shared.ts';
import { floor, fresh, median, OUT, report, rolls, seconds, wants } from './support.ts';

const ROUNDS = 3;

interface Ingested {
  wall: number;
  manifests: {
    dataset: string;
    timings: { step: string; seconds: number }[];
    peakRssMb: number;
    changes: unknown;
    status: string;
  }[];
}

function ingest(data: string, source: string, args: string[], env: Record<string, string> = {}): Ingested {
  let stdout = '';
  const wall = seconds(() => {
    const all = { ...process.env, SUPABASE_DB_URL: '', DOR_DATA: data, ...env };
    const end = spawnSync(
      join(ROOT, 'bin/dor'),
      ['ingest', 'broward', '--source', source, '--json', ...args],
      { env: all, maxBuffer: 1 << 28 },
    );
    if (end.status !== 0) throw new Error(end.stderr.toString());
    stdout = end.stdout.toString();
  });
  return { wall, manifests: JSON.parse(stdout).manifests };
}

async function benchFloor(): Promise<void> {
  const folder = await rolls(1_200_000);
  const nal = join(folder, 'NAL16P202501.csv');
  const floors: number[] = [];
  const ours: number[] = [];
  const peaks: number[] = [];
  let steps = '';
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(floor(nal));
    const data = fresh('data-floor');
    ingest(data, join(folder, 'SDF16P202501.csv'), ['--no-push']);
    const run = ingest(data, nal, ['--no-push']);
    ours.push(run.wall);
    peaks.push(run.manifests[0]!.peakRssMb);
    steps = run.manifests[0]!.timings.map(({ step, seconds: s }) => `${step} ${s.toFixed(1)}`).join(', ');
  }
  const cached = ingest(join(OUT, 'data-floor'), nal, ['--no-push']);
  report(
    `floor ${floors.map((s) => s.toFixed(1))} s, ingest without push ${ours.map((s) => s.toFixed(1))} s (${steps}), peak ${peaks} MB`,
  );
  report(`ratio of the medians ${(median(ours) / median(floors)).toFixed(2)} (goal 2.5)`);
  report(`again, unchanged: ${cached.wall.toFixed(2)} s (goal 2)`);
}

async function benchPush(): Promise<void> {
  const folder = await rolls(1_200_000);
  const nal = join(folder, 'NAL16P202501.csv');
  const server = await startServer();
  try {
    const data = fresh('data-push');
    ingest(data, nal, ['--no-push']);
    const url = await server.createDatabase('push');
    const step = (run: Ingested, names: string[]) =>
      run.manifests[0]!.timings.filter(({ step: name }) => names.includes(name)).reduce(
        (sum, { seconds: s }) => sum + s,
        0,
      );
    const full = step(ingest(data, nal, [], { SUPABASE_DB_URL: url }), ['plan', 'push', 'record']);
    const copied = await psqlCopy(url, data);
    report(
      `full push ${full.toFixed(1)} s, psql \\copy of the same rows ${copied.toFixed(1)} s, ratio ${(full / copied).toFixed(2)} (goal 1.5)`,
    );
    const changed = join(OUT, 'changed');
    mkdirSync(changed, { recursive: true });
    execFileSync('sh', [
      '-c',
      `awk 'NR % 100 == 50 { sub(/"FLORIDA"/, "\\"GEORGIA\\""); sub(/,"LOT /, ",\\"TRACT ") } { print }' '${nal}' > '${changed}/NAL16P202501.csv'`,
    ]);
    const one = ingest(data, join(changed, 'NAL16P202501.csv'), [], { SUPABASE_DB_URL: url });
    const part = step(one, ['plan', 'push', 'record']);
    report(
      `1 % changed ${JSON.stringify(one.manifests[0]!.changes)}: ${part.toFixed(1)} s, ratio to the full push ${(part / full).toFixed(3)} (goal 0.1)`,
    );
    const none = ingest(data, join(changed, 'NAL16P202501.csv'), [], { SUPABASE_DB_URL: url });
    report(`nothing changed: ${none.wall.toFixed(2)} s, ${none.manifests[0]!.status}`);
  } finally {
    await server.stop();
  }
}

/** `\copy` of the published rows from a CSV file into a table with the same columns and key. */
async function psqlCopy(url: string, data: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  // The key that a first load has; the other indexes come after it on both sides.
  await client.query('create table peer (like dor_properties, primary key (county_no, year, parcel_id))');
  const { rows } = await client.query(
    `select column_name, data_type from information_schema.columns where table_name = 'dor_properties' and table_schema = 'public' order by ordinal_position`,
  );
  await client.end();
  const columns = rows.map(({ column_name: name, data_type: type }) =>
    type === 'jsonb' && name !== 'extra' ? `to_json(${name}) as ${name}` : name,
  );
  const file = join(OUT, 'published.csv');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const staged = join(data, 'lake/staged/dor_properties/county=broward/year=2025/data.parquet');
  await connection.run(
    `copy (select ${columns.join(', ')} from '${staged}') to '${file}' (format csv, header false)`,
  );
  return seconds(() => execFileSync('psql', [url, '-q', '-c', `\\copy peer from '${file}' (format csv)`]));
}

/** The pipeline that people write by hand: csv-parser, batches, multi-row INSERT. */
async function handWritten(csv: string, url: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  const header = readFileSync(csv).subarray(0, 2000).toString().split(/\r?\n/)[0]!.split(',');
  await client.query(
    `create table peer_sales (${header.map((name) => `${name} text`).join(', ')}, primary key (co_no, parcel_id, sale_id_cd))`,
  );
  const started = performance.now();
  let batch: string[][] = [];
  const send = async () => {
    const places = batch.map((row, r) => `(${row.map((_, c) => `$${r * header.length + c + 1}`).join(',')})`);
    await client.query(`insert into peer_sales values ${places.join(',')}`, batch.flat());
    batch = [];
  };
  for await (const row of createReadStream(csv).pipe(csvParser())) {
    batch.push(header.map((name) => (row as Record<string, string>)[name]!));
    if (batch.length === 500) await send();
  }
  if (batch.length > 0) await send();
  const took = (performance.now() - started) / 1000;
  await client.end();
  return took;
}

async function benchPeer(): Promise<void> {
  if (!SHARED) {
    report('peer: the real sales roll is not here');
    return;
  }
  const server = await startServer();
  try {
    const folder = join(OUT, 'real');
    mkdirSync(folder, { recursive: true });
    execFileSync('unzip', ['-o', '-q', sharedData('broward_sdf_2025.zip'), '-d', folder]);
    const csv = join(folder, 'SDF16P202501.csv');
    const peer = await handWritten(csv, await server.createDatabase('peer'));
    const run = ingest(fresh('data-peer'), csv, [], { SUPABASE_DB_URL: await server.createDatabase('ours') });
    const ours = run.manifests[0]!.timings.reduce((sum, { seconds: s }) => sum + s, 0);
    report(
      `real SDF: by hand ${peer.toFixed(1)} s (no checks, all text); ours ${ours.toFixed(1)} s in steps, ${run.wall.toFixed(1)} s as a process; ratio ${(peer / ours).toFixed(1)} and ${(peer / run.wall).toFixed(1)} (goal 10)`,
    );
  } finally {
    await server.stop();
  }
}

async function benchMemory(): Promise<void> {
  for (const rows of [300_000, 1_200_000, 4_000_000]) {
    const folder = await rolls(rows);
    const data = fresh('data-memory');
    const run = ingest(data, join(folder, 'NAL16P202501.csv'), ['--no-push']);
    report(`${rows} rows: peak ${run.manifests[0]!.peakRssMb} MB, ${run.wall.toFixed(1)} s`);
  }
}

if (wants('floor')) await benchFloor();
if (wants('push')) await benchPush();
if (wants('peer')) await benchPeer();
if (wants('memory')) await benchMemory();
