/**
 * The workbook reader against bare inflate, its peers, and the same rows as CSV. `make bench-xlsx`.
 * Arguments choose parts and sizes: scan peers parquet ingest 200000 1200000 (all without any). Peers need Debian's
 * python3-openpyxl; exceljs is a development dependency.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../src/project.ts';
import { makeWorkbook } from '../test/workbooks.ts';
import { fresh, median, OUT, report, rolls, seconds } from './support.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ROLL_ROWS = 1_200_000;
const FOLDER = join(OUT, 'xlsx');
mkdirSync(FOLDER, { recursive: true });

interface Measured {
  seconds: number;
  /** Seconds of processor time, all threads: what does not depend on the neighbours. */
  cpu?: number;
  rssMb: number;
  result: number;
}

const SIZES = [200_000, ROLL_ROWS];
const sizes = SIZES.filter((size) => process.argv.includes(String(size)));
const parts = ['scan', 'peers', 'parquet', 'ingest'].filter((part) => process.argv.includes(part));
const asked = (part: string) => parts.length === 0 || parts.includes(part);

function run(job: string, file: string, out = ''): Measured {
  const env = { ...process.env, DOR_SCRATCH: FOLDER, NODE_OPTIONS: '--max-old-space-size=8000' };
  const args = ['--import', 'tsx', join(ROOT, 'bench/xlsxJobs.ts'), job, file, out];
  return JSON.parse(execFileSync(process.execPath, args, { env, cwd: ROOT, maxBuffer: 1 << 24 }).toString());
}

const OPENPYXL = `
import json, resource, sys, time, openpyxl
start = time.time(); cells = 0
book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
for sheet in book:
    for row in sheet.iter_rows(values_only=True):
        for value in row:
            if value is not None: cells += 1
print(json.dumps({'seconds': time.time() - start, 'cpu': time.process_time(), 'rssMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, 'result': cells}))`;

function openpyxl(file: string): Measured {
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', OPENPYXL, file]).toString());
}

/** The measurement in the middle, by time. */
function middle(work: () => Measured, rounds = ROUNDS): Measured {
  const all = Array.from({ length: rounds }, work);
  const time = median(all.map((one) => one.seconds));
  return { ...all.find((one) => one.seconds === time)!, rssMb: Math.max(...all.map((one) => one.rssMb)) };
}

const show = ({ seconds: s, cpu, rssMb, result }: Measured) =>
  `${s.toFixed(2)} s${cpu ? ` (CPU ${cpu.toFixed(2)} s)` : ''}, ${rssMb} MB, ${result}`;
const times = (a: Measured, b: Measured) =>
  (a.seconds / b.seconds).toFixed(2) + (a.cpu && b.cpu ? `, CPU ${(a.cpu / b.cpu).toFixed(2)}` : '');

/** A floor and our reader take turns, so that both meet the same neighbours. */
function benchScan(file: string, name: string): void {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    floor: run('floor', file),
    scan: run('scan', file),
    csv: run('csv', file, join(FOLDER, 'out.csv')),
  }));
  const [floor, scan, csv] = (['floor', 'scan', 'csv'] as const).map((key) => {
    const left = rounds.map((round) => round[key]);
    return middle(() => left.pop()!);
  }) as [Measured, Measured, Measured];
  report(`${name}: inflate ${show(floor)} · scan ${show(scan)} · to CSV ${show(csv)}`);
  report(`${name}: scan / inflate ${times(scan, floor)} (goal 1.5), to CSV / inflate ${times(csv, floor)}`);
}

function benchPeers(file: string, name: string, rows: number): void {
  const rounds = rows > 500_000 ? 1 : ROUNDS;
  const csv = middle(() => run('csv', file, join(FOLDER, 'out.csv')));
  const exceljs = middle(() => run('exceljs', file), rounds);
  report(`${name}: to CSV ${show(csv)} · exceljs ${show(exceljs)}: ${times(exceljs, csv)} × (goal 12)`);
  const python = middle(() => openpyxl(file), rounds);
  report(`${name}: openpyxl ${show(python)}: ${times(python, csv)} × (goal 25)`);
}

function benchParquet(file: string, csv: string, name: string): void {
  const ours: Measured[] = [];
  const floors: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(run('csvToParquet', csv, join(FOLDER, 'floor.parquet')));
    ours.push(run('xlsxToParquet', file, join(FOLDER, 'out.csv')));
  }
  const [floor, book] = [middle(() => floors.pop()!), middle(() => ours.pop()!)];
  report(
    `${name}: CSV to Parquet ${show(floor)} · workbook to Parquet ${show(book)}: ${times(book, floor)} (goal 1.3)`,
  );
}

function benchIngest(file: string, csv: string, name: string): void {
  const ingest = (source: string): Measured => {
    const data = fresh('xlsx/data');
    let result = { stdout: Buffer.alloc(0), status: 0 as number | null, stderr: Buffer.alloc(0) };
    const wall = seconds(() => {
      const args = ['ingest', 'broward', '--source', source, '--no-push', '--json'];
      const env = { ...process.env, SUPABASE_DB_URL: '', DOR_DATA: data };
      result = spawnSync(join(ROOT, 'bin/dor'), args, { env, maxBuffer: 1 << 28 });
    });
    if (result.status !== 0) throw new Error(result.stderr.toString());
    const [manifest] = JSON.parse(result.stdout.toString()).manifests;
    return { seconds: wall, rssMb: manifest.peakRssMb, result: manifest.staged.rows };
  };
  const pairs = Array.from({ length: ROUNDS }, () => ({ csv: ingest(csv), book: ingest(file) }));
  const [floor, book] = (['csv', 'book'] as const).map((key) => {
    const left = pairs.map((pair) => pair[key]);
    return middle(() => left.pop()!);
  }) as [Measured, Measured];
  report(
    `${name}: ingest of the CSV ${show(floor)} · of the workbook ${show(book)}: ${times(book, floor)} (goal 1.5)`,
  );
}

/** The first rows of the roll, for comparing with a workbook of as many. */
async function firstRows(csv: string, rows: number): Promise<string> {
  const path = join(FOLDER, `nal-${rows}.csv`);
  if (rows === ROLL_ROWS) return csv;
  if (existsSync(path)) return path;
  const out = createWriteStream(path);
  let left = rows + 1;
  for await (const line of createInterface({
    input: createReadStream(csv),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (left-- === 0) break;
    if (!out.write(`${line}\n`)) await new Promise((resolve) => out.once('drain', () => resolve(null)));
  }
  await new Promise<void>((resolve) => out.end(resolve));
  return path;
}

const nal = join(await rolls(ROLL_ROWS), 'NAL16P202501.csv');
for (const rows of sizes.length > 0 ? sizes : SIZES) {
  const csv = await firstRows(nal, rows);
  for (const strings of ['shared', 'inline'] as const) {
    const name = `${rows} rows, ${strings}`;
    const file = await makeWorkbook(nal, join(FOLDER, `nal-${rows}-${strings}.xlsx`), { strings, rows });
    if (asked('scan')) benchScan(file, name);
    if (asked('peers')) benchPeers(file, name, rows);
    if (asked('parquet')) benchParquet(file, csv, name);
    if (asked('ingest')) benchIngest(file, csv, name);
  }
}
