/**
 * The page and its queries over 1,200,000 parcels, against bare DuckDB in the same run. `make bench-explore`.
 * Arguments choose parts: server page (all without any). Files go to bench/out, which git ignores.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { ROOT } from '../src/project.ts';
import { launchChromium } from '../test/chromium.ts';
import { median, OUT, report, rolls, wants } from './support.ts';

const ROUNDS = 5;
const ALL = 'select * from dor_properties';
/** What people aggregate: over every row, some columns, some text. */
const AGGREGATES = [
  'select property_use_group, count(*), median(just_value), sum(taxable_value) from dor_properties group by all',
  'select owner_name, count(*) as n, sum(just_value) as v from dor_properties group by all order by v desc limit 100',
  "select phy_zipcd, avg(just_value) filter (is_absentee) from dor_properties where owner_state <> 'FL' group by all",
];

/** A lake with the 1.2M parcels, made once. */
async function lakeOf(rows: number): Promise<string> {
  const data = join(OUT, `explore-${rows}`);
  if (existsSync(join(data, 'lake/runs'))) return data;
  const folder = await rolls(rows);
  const files = ['SDF', 'NAL'].flatMap((roll) => ['--source', join(folder, `${roll}16P202501.csv`)]);
  const env = { ...process.env, SUPABASE_DB_URL: '', DOR_DATA: data };
  execFileSync(join(ROOT, 'bin/dor'), ['ingest', 'broward', '--no-push', ...files], { env, stdio: 'ignore' });
  return data;
}

interface Server {
  child: ChildProcess;
  base: string;
  address: string;
  headers: Record<string, string>;
}

async function start(data: string): Promise<Server> {
  const env = { ...process.env, DOR_DATA: data };
  const child = spawn(join(ROOT, 'bin/dor'), ['explore', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve) =>
    child.stdout.once('data', (line) => resolve(String(line).trim())),
  );
  const [base, token] = address.split('/#') as [string, string];
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ token });
  const answer = await fetch(`${base}/api/session`, { method: 'POST', headers: json, body });
  const { session } = (await answer.json()) as { session: string };
  return {
    child,
    base,
    address,
    headers: { ...json, 'x-dor-session': session },
  };
}

const clock = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const started = performance.now();
  const result = await work();
  return [performance.now() - started, result];
};

async function ask({ base, headers }: Server, query: string, rounds = 0) {
  const id = `bench-${rounds}-${Math.random().toString(36).slice(2)}-query`;
  const get = async (path: string) =>
    (await fetch(`${base}/api/queries/${id}${path}`, { headers })).arrayBuffer();
  const [run] = await clock(async () => {
    const response = await fetch(`${base}/api/queries/${id}`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ query }),
    });
    if (!response.ok) throw new Error(await response.text());
  });
  const [first] = await clock(() => get('/rows?start=0&rows=200'));
  return { id, get, first: run + first };
}

async function benchServer(data: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const bare = await instance.connect();
  const files = join(data, 'lake/staged/dor_properties/*/*/*.parquet');
  await bare.run(`create view dor_properties as from read_parquet('${files}', union_by_name = true)`);
  const server = await start(data);
  try {
    const [cold] = [(await ask(server, ALL)).first];
    const firsts: number[] = [];
    const bareFirsts: number[] = [];
    const kept: number[] = [];
    const millionths: number[] = [];
    const sorts: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bareFirsts.push(
        (await clock(async () => (await bare.runAndReadAll(`${ALL} limit 200`)).getRowsJson()))[0],
      );
      const { first, get, id } = await ask(server, ALL);
      firsts.push(first);
      kept.push((await clock(() => get('')))[0]);
      const [far, rows] = await clock(() => get('/rows?start=999999&rows=200'));
      if (tableFromIPC(new Uint8Array(rows)).numRows !== 200) throw new Error('the millionth row is missing');
      millionths.push(far);
      sorts.push((await clock(() => get('/rows?start=0&rows=200&sort=just_value&descending=true')))[0]);
      await fetch(`${server.base}/api/queries/${id}`, {
        method: 'DELETE',
        headers: { 'x-dor-session': server.headers['x-dor-session']! },
      });
    }
    report(
      `first 200 rows of ${ALL}, over HTTP: ${ms(firsts)} ms (goal 300), with bare DuckDB and limit 200: ${ms(bareFirsts)} ms; the first query of all ${cold.toFixed(0)} ms`,
    );
    report(
      `all rows kept after ${ms(kept)} ms more; rows from 1,000,000 on ${ms(millionths)} ms; sorted by a column ${ms(sorts)} ms`,
    );
    for (const query of AGGREGATES) {
      const ours: number[] = [];
      const floors: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        floors.push((await clock(async () => (await bare.runAndReadAll(query)).getRowsJson()))[0]);
        ours.push((await ask(server, query)).first);
      }
      report(
        `aggregate: bare ${ms(floors)} ms, page ${ms(ours)} ms, ratio ${(median(ours) / median(floors)).toFixed(2)} (goal 1.3): ${query}`,
      );
    }
  } finally {
    server.child.kill('SIGINT');
    bare.closeSync();
    instance.closeSync();
  }
}

async function benchPage(data: string): Promise<void> {
  const server = await start(data);
  const browser = await launchChromium();
  try {
    const [ready, rows, millionth]: number[][] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      page.setDefaultTimeout(180_000);
      const editor = page.getByRole('textbox', { name: /SQL query/ });
      const cell = (row: number) =>
        page.locator(`.grid tr[aria-rowindex="${row + 1}"] td[aria-colindex="4"]:not([aria-busy="true"])`);
      ready!.push(
        (
          await clock(async () => {
            await page.goto(server.address);
            await editor.waitFor();
            await page.locator('.sidebar .table').first().waitFor();
          })
        )[0],
      );
      await editor.click();
      await page.keyboard.press('Control+a');
      await page.keyboard.insertText(ALL);
      rows!.push(
        (
          await clock(async () => {
            await page.keyboard.press('Control+Enter');
            await cell(1).filter({ hasText: /\d/ }).waitFor();
          })
        )[0],
      );
      await page.getByRole('status').filter({ hasText: '1,200,000 rows' }).waitFor();
      await page.getByLabel('Go to row').fill('1000000');
      millionth!.push(
        (
          await clock(async () => {
            await page.keyboard.press('Enter');
            await cell(1_000_000).filter({ hasText: /\d/ }).waitFor();
          })
        )[0],
      );
      await context.close();
    }
    report(
      `in Chromium: page ready ${ms(ready!)} ms (goal 1500); first rows seen ${ms(rows!)} ms; row 1,000,000 seen ${ms(millionth!)} ms`,
    );
  } finally {
    await browser.close();
    server.child.kill('SIGINT');
  }
}

const ms = (values: number[]) =>
  `${median(values).toFixed(0)} (${values.map((value) => value.toFixed(0)).join(' ')})`;

const data = await lakeOf(1_200_000);
if (wants('server')) await benchServer(data);
if (wants('page')) await benchPage(data);
