import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine.ts';
import type { IngestOptions } from '../../src/ingest.ts';
import type { RunManifest } from '../../src/model.ts';
import { findCounty } from '../../src/reference.ts';
import { readRules } from '../../src/rules.ts';
import { generateSample } from '../../src/sample.ts';
import { asked, ingestHere } from '../inProcess.ts';
import { dataFolder, dor } from '../workspace.ts';

/** Ingests what lies in the inbox, in this process, without a push. */
async function run(data: string, options: Partial<IngestOptions> = {}): Promise<RunManifest> {
  const { manifests } = await ingestHere(data, { county: 'union', push: false, ...options });
  return manifests[0]!;
}

/** A tangible roll of a county in the inbox of `data`; returns its path and its lines. */
async function roll(data: string, county: string, accounts = 2000) {
  const [file] = await generateSample({
    out: join(data, 'inbox'),
    county: findCounty(county),
    year: 2025,
    rows: 10,
    accounts,
    seed: 3,
    format: 'csv',
    datasets: ['nap'],
  });
  const lines = readFileSync(file!.path, 'utf8').split('\r\n').slice(0, -1);
  return { path: file!.path, lines };
}

const write = (path: string, lines: string[]) => writeFileSync(path, `${lines.join('\r\n')}\r\n`);

/** The same lines with one column of every row changed. Values of this roll have no commas outside quotes that matter. */
function changed(lines: string[], column: string, by: (value: string) => string): string[] {
  const cells = (line: string) => line.match(/("[^"]*"|[^,]*)(,|$)/g)!.map((cell) => cell.replace(/,$/, ''));
  const at = lines[0]!.replaceAll('"', '').split(',').indexOf(column);
  return lines.map((line, index) =>
    index === 0
      ? line
      : cells(line)
          .slice(0, lines[0]!.split(',').length)
          .map((cell, i) => (i === at ? by(cell) : cell))
          .join(','),
  );
}

const messages = ({ findings }: RunManifest, level: string) =>
  findings.filter((one) => one.level === level).map(({ measure, name }) => `${measure} ${name ?? ''}`.trim());

test('a first run has no baseline and says so; the same again is like itself', async () => {
  const data = dataFolder();
  await roll(data, 'union');
  const first = await run(data);
  expect(first.baseline).toEqual({ runs: [], counties: 0 });
  expect(readFileSync(join(data, 'reports/union-2025.html'), 'utf8')).toContain(
    'nothing to compare it with yet',
  );
  const second = await run(data, { force: true });
  expect(second.baseline).toEqual({ runs: [first.run], counties: 0 });
  expect(second.findings).toEqual([]);
});

test('37 % fewer rows stop the run, whatever else is right; accepted, they are the new measure', async () => {
  const data = dataFolder();
  const { path, lines } = await roll(data, 'union');
  await run(data);
  const staged = join(data, 'lake/staged/dor_tangible/county=union/year=2025/data.parquet');
  const before = readFileSync(staged);
  write(path, lines.slice(0, 1 + 1260));

  const dropped = await run(data);
  expect(dropped).toMatchObject({ status: 'stopped', verdict: 'fail', exitCode: 1 });
  expect(dropped.reason).toMatch(
    /F10 .*1,260 rows, the last good run had 2,000 \(-37\.0 %\).*nothing was staged/,
  );
  expect(dropped.remedy).toMatch(/--accept-outlier/);
  expect(readFileSync(staged).equals(before)).toBe(true);
  const page = readFileSync(join(data, 'reports/union-2025.html'), 'utf8');
  expect(page).toMatch(/FAIL – stopped before anything was changed/);
  expect(page).toContain('−37.0 %');
  expect((await run(data, { force: true })).status).toBe('stopped');

  const accepted = await run(data, { acceptOutlier: true });
  expect(accepted).toMatchObject({ status: 'staged', verdict: 'warn' });
  expect(messages(accepted, 'fail')).toContain('rows');
  // Back to what it was: one of the good runs remembered had it.
  write(path, lines);
  expect(await run(data)).toMatchObject({ status: 'staged', findings: [] });
});

test('prices times a hundred, an emptied column, one code for all: each stops by its own measure', async () => {
  const data = dataFolder();
  const { path, lines } = await roll(data, 'union');
  await run(data);
  const hundredfold = (value: string) => (value === '' ? '' : String(100 * Number(value)));
  const values = ['JV_TOTAL', 'AV_TOTAL', 'TAX_VAL', 'JV_F_F_E', 'JV_LESE_IMP'];
  write(
    path,
    values.reduce((all, column) => changed(all, column, hundredfold), lines),
  );
  expect(messages(await run(data), 'fail')).toEqual(
    expect.arrayContaining(['quantiles just_value', 'quantiles assessed_value']),
  );
  write(
    path,
    changed(lines, 'PHY_CITY', () => ''),
  );
  expect(messages(await run(data), 'fail')).toEqual(expect.arrayContaining(['fill phy_city', 'rule P36']));
  write(
    path,
    changed(lines, 'NAICS_CD', () => '"722511"'),
  );
  expect(messages(await run(data), 'fail')).toEqual(['shares naics_code']);
  // A tenth of the rows is said and stops nothing.
  write(path, lines.slice(0, 1 + 1700));
  const fewer = await run(data);
  expect(fewer).toMatchObject({ status: 'staged', verdict: 'warn' });
  expect(messages(fewer, 'warn')).toContain('rows');
});

test('what only other counties know is a warning, and three of them must agree', async () => {
  const data = dataFolder();
  for (const county of ['gulf', 'lake', 'polk']) {
    await roll(data, county);
    expect((await run(data, { county })).findings).toEqual([]);
  }
  const { path, lines } = await roll(data, 'union');
  write(
    path,
    changed(lines, 'OWN_CITY', () => ''),
  );
  const strange = await run(data);
  expect(strange.baseline).toEqual({ runs: [], counties: 3 });
  expect(strange.status).toBe('staged');
  expect(messages(strange, 'warn')).toContain('fill owner_city');
});

test('the history is derived: lost, it comes back; one row a run, and a run and column, and a run and rule', async () => {
  const data = dataFolder();
  await roll(data, 'union', 300);
  await run(data);
  await run(data, { force: true });
  await run(data);
  const sql = (query: string) => asked(data, query);
  const facts = () =>
    sql(
      `select 'runs', count(*), count(distinct run) from quality_runs union all
       select 'columns', count(*), count(distinct (run, column_name)) from quality_columns union all
       select 'rules', count(*), count(distinct (run, rule)) from quality_rules order by 1`,
    );
  const known = await facts();
  const [, columns, rules, runs] = known
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  expect(runs!.slice(1)).toEqual(['3', '3']);
  for (const [, rows, distinct] of [columns!, rules!]) expect(rows).toBe(distinct);
  // The third run measured nothing of its own.
  expect(Number(rules![1])).toBe(2 * readRules('nap').length);
  rmSync(join(data, 'lake/quality'), { recursive: true });
  expect((await dor(data, ['report', 'union'])).code).toBe(0);
  expect(await facts()).toBe(known);
  // As it was before rules said what they count: made anew, and not compared with.
  const file = join(data, 'lake/quality/rules/nap/union.parquet');
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: data });
  await engine.run(
    `copy (select * exclude (of_what, of_rows) from read_parquet('${file}')) to '${file}.old' (format parquet)`,
  );
  await engine.close();
  renameSync(`${file}.old`, file);
  expect((await dor(data, ['report', 'union'])).code).toBe(0);
  const counted = await sql(
    'select distinct of_what, of_rows, max(share) <= 1 as sane from quality_rules where rows is not null group by all',
  );
  expect(counted.trim().split(/\r?\n/).slice(1)).toEqual(['accounts,300,true']);
});
