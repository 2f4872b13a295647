import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { percent, points } from '../../src/formats.ts';
import type { RunManifest } from '../../src/model.ts';
import { runQuery } from '../../src/query/runQuery.ts';
import { type Chapter, renderCountyReport } from '../../src/report/countyPage.ts';
import type { Memory } from '../../src/report/memory.ts';
import { repeatOf } from '../../src/report/repeat.ts';
import { renderStateReport } from '../../src/report/statePage.ts';
import { describeVerdict, judge } from '../../src/verdict.ts';
import { launchChromium } from '../chromium.ts';
import { dor, ingest } from '../workspace.ts';

const NOTHING: Memory = {
  before: null,
  runs: [],
  rules: new Map(),
  columns: new Map(),
  rejects: [],
  rejectsPath: '',
};
const chapters = (manifests: RunManifest[]): Chapter[] =>
  manifests.map((manifest) => ({ manifest, stale: null, damage: null, memory: NOTHING }));

let data: string;
let manifests: RunManifest[];
let path: string;
let state: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'dor-report-'));
  mkdirSync(join(data, 'inbox'));
  await ingest(data, ['broward', '--no-push']);
  // The second run has a first one to be compared with.
  const { result } = await ingest(data, ['broward', '--no-push', '--force']);
  manifests = result.manifests;
  path = join(data, 'reports/broward-2025.html');
  state = join(data, 'reports/florida.html');
  expect((await dor(data, ['report', 'all'])).stdout.trim().split('\n')).toEqual([state, path]);
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

test('the page stands alone, is small, and answers in the order in which people ask', () => {
  const page = readFileSync(path, 'utf8');
  expect(page.length).toBeLessThan(1_000_000);
  expect(page).not.toMatch(/<script|<link|src=|url\(|https?:\/\//);
  expect(page).toMatch(/WARN – staged in the lake, not pushed/);
  expect(page).toMatch(/WARN because \d+\.\d\d % of 2,501 records were rejected/);
  expect(page).toMatch(/<small>PHY_ADDR1: situs street address<\/small>/);
  expect(page).toMatch(/<code>just_value<\/code><br><small class="soft">bigint, DOR JV<\/small>/);
  expect(readFileSync(state, 'utf8')).toMatch(/% of 2,501 records were rejected/);
  expect(page).toContain('Balances: records in = accepted + rejected + copies.');
  expect(page).toContain('<td class="n">2,501</td>');
  expect(page).toContain(manifests[1]!.source.sha256);
  const parcels = page.slice(page.indexOf('<section id="nal"'), page.indexOf('<section id="nap"'));
  const order = [...parcels.matchAll(/<h3>([^<]+)/g)].map(([, title]) => title);
  expect(order).toEqual([
    'Ledger',
    'What changed',
    'Rules',
    'Rejects',
    'Columns',
    'Distributions',
    'Lineage',
    'Time and memory',
  ]);
  expect(parcels).toContain('Since the last good run');
  expect(parcels).toContain('Compared with 1 earlier good run of the county and 0 other counties');
  const distributions = [...parcels.matchAll(/<figcaption>([^<]+)/g)].map(([, title]) => title);
  expect(distributions).toEqual(
    expect.arrayContaining([
      'Just value of the parcels',
      'Year built',
      'Parcels per city',
      'Parcels per ZIP code',
    ]),
  );
});

test('the same facts lie beside it as JSON', () => {
  const facts = JSON.parse(readFileSync(path.replace('.html', '.json'), 'utf8'));
  expect(facts.rolls.map((roll: { dataset: string }) => roll.dataset).sort()).toEqual(['nal', 'nap', 'sdf']);
  const roll = facts.rolls.find((one: { dataset: string }) => one.dataset === 'nal');
  expect(roll.ledger).toEqual(manifests[1]!.ledger);
  expect(roll.memory.before.records).toBe(2501);
  expect(roll.memory.rejects.reduce((sum: number, one: { rows: number }) => sum + one.rows, 0)).toBe(6);
});

test('profiles and distributions agree with the rows', () => {
  const { columns, staged, distributions } = manifests[1]!;
  const column = (name: string) => columns.find((one) => one.name === name)!;
  const value = column('just_value');
  expect(value.filled).toBe(staged!.rows);
  const [p5, p25, p50, p75, p95] = value.quantiles!;
  expect([Number(value.min), p5!, p25!, p50!, p75!, p95!, Number(value.max)]).toEqual(
    [Number(value.min), p5!, p25!, p50!, p75!, p95!, Number(value.max)].sort((a, b) => a - b),
  );
  expect(column('parcel_id').distinct).toBe(staged!.rows);
  expect(column('parcel_id').top).toEqual([]);
  const kinds = column('is_homestead').top.reduce((sum, { share }) => sum + share, 0);
  expect(kinds).toBeCloseTo(1, 3);
  const cities = distributions.find(({ title }) => title === 'Parcels per city')!;
  expect(cities.bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(staged!.rows);
});

test('the query that repeats a rule finds the rows that the run counted', async () => {
  const counted = manifests.flatMap((manifest) =>
    manifest.rules.flatMap((rule) => {
      const query = repeatOf(manifest, rule)?.query;
      if (!query || rule.rows === null) return [];
      // Rows that an error rule took away are no longer there to break a warning.
      const exact = rule.severity === 'error' || manifest.ledger.recordsIn === manifest.staged!.rows;
      return [{ id: rule.id, rows: rule.rows, exact, query }];
    }),
  );
  expect(counted.length).toBeGreaterThan(80);
  const query = counted.map(({ id, query }) => `select '${id}' as id, count(*) as n from (${query})`);
  const out = new PassThrough();
  const text = (async () => (await out.toArray()).join(''))();
  await runQuery({
    lake: join(data, 'lake'),
    query: query.join(' union all '),
    format: 'csv',
    out,
  });
  out.end();
  const found = new Map(
    (await text)
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(',') as [string, string]),
  );
  for (const { id, rows, exact } of counted) {
    const n = Number(found.get(id));
    expect([id, exact ? n : Math.max(n, rows)]).toEqual([id, rows]);
  }
  expect(counted.filter(({ rows, exact }) => rows > 0 && exact).length).toBeGreaterThan(3);
});

test('nothing in a roll can break the page', () => {
  const evil = '</td><script>alert(1)</script>" onload="x';
  const hostile = structuredClone(manifests);
  hostile[1]!.source.file = evil;
  hostile[1]!.reason = evil;
  hostile[1]!.rules[5]!.rows = 1;
  hostile[1]!.rules[5]!.samples = [{ [evil]: evil }];
  hostile[1]!.columns[0]!.max = evil;
  hostile[1]!.columns[0]!.top = [{ value: evil, share: 0.5 }];
  hostile[1]!.distributions[3]!.bins[0]!.label = evil;
  hostile[1]!.findings = [{ level: 'warn', measure: 'shares', name: evil, message: evil }];
  for (const page of [
    renderCountyReport(chapters(hostile)),
    renderStateReport(hostile.map((one) => ({ ...one, damage: null }))),
  ]) {
    const found = ['<script', '" onload="', '&lt;script&gt;'].map((text) => page.includes(text));
    expect(found).toEqual([false, false, true]);
  }
});

test('a stopped run says why and what to do; an open ledger does not claim to balance', () => {
  const stopped = {
    ...manifests[0]!,
    status: 'stopped',
    verdict: 'fail',
    reason: 'F12 too many',
    remedy: 'fix it',
  } as RunManifest;
  stopped.ledger = { ...stopped.ledger, balanced: false };
  const page = renderCountyReport(chapters([stopped]));
  expect(page).toMatch(/FAIL – stopped before anything was changed/);
  expect(page).toContain('F12 too many');
  expect(page).toContain('What to do: fix it');
  expect(page).toContain('Does not balance');
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  }, 300_000);
  afterAll(() => browser?.close());

  /** Opens a page with every detail open, and collects what a browser complains about or asks for. */
  async function open(file: string, options: BrowserContextOptions) {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) =>
      complaints.push(...(request.url().startsWith('file:') ? [] : [request.url()])),
    );
    await page.goto(pathToFileURL(file).href);
    await page.$$eval('details', (all) => {
      for (const one of all) one.setAttribute('open', '');
    });
    return { page, complaints };
  }

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('%s, %i px: fits, complains of nothing, can be read', async (colorScheme, width) => {
    for (const file of [path, state]) {
      const { page, complaints } = await open(file, { colorScheme, viewport: { width, height: 900 } });
      expect(complaints).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      if (width > 1000) expect(await lowContrast(page)).toEqual([]);
      await page.close();
    }
  });

  test('headings, tables and charts say what they are, without a script', async () => {
    const { page } = await open(path, { javaScriptEnabled: false });
    expect(await page.locator('h1').count()).toBe(1);
    const levels = await page.$$eval('h1,h2,h3', (all) => all.map(({ tagName }) => Number(tagName[1])));
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
    const unnamed = await page.$$eval('table', (all) =>
      all.filter((one) => !one.querySelector('caption') && !one.getAttribute('aria-label')),
    );
    expect(unnamed).toEqual([]);
    expect(
      await page.$$eval(
        'thead th:not([scope=col]), tbody > tr:not(:has(> th[scope=row]))',
        (all) => all.length,
      ),
    ).toBe(0);
    const regions = await page.$$eval('[role=region]', (all) =>
      all.map((one) => one.getAttribute('aria-label')),
    );
    expect(regions.filter((name, at) => regions.indexOf(name) !== at)).toEqual([]);
    expect(regions).toContain('Ledger: Sales (SDF)');
    const charts = await page.$$eval('svg', (all) =>
      all.map((one) => [one.getAttribute('role'), one.getAttribute('aria-label')?.length ?? 0] as const),
    );
    expect(charts.length).toBeGreaterThan(30);
    expect(charts.every(([role, letters]) => role === 'img' && letters > 10)).toBe(true);
    await page.close();
  });

  test('it prints', async () => {
    const { page } = await open(path, {});
    const pdf = await page.pdf({ format: 'Letter' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('summary').first().isVisible()).toBe(false);
    // What a section consists of is there, unopened; and a sheet is as wide as it is: nothing may be cut.
    expect(await page.getByText('not found: ').first().isVisible()).toBe(true);
    await page.setViewportSize({ width: 700, height: 900 });
    const cut = await page.$$eval('table', (all) =>
      all
        .filter((one) => one.clientWidth > 700)
        .map((one) => one.getAttribute('aria-label') ?? one.textContent.slice(0, 40)),
    );
    expect(cut).toEqual([]);
    await page.close();
    const dark = await open(path, { colorScheme: 'dark' });
    await dark.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await dark.page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    await dark.page.close();
  });
});

test('little is not nothing, nearly all is not all', () => {
  expect([percent(1, 1e6), percent(0, 9), percent(999_999, 1e6), percent(9, 9), percent(3, 0)]).toEqual([
    '<0.01 %',
    '0.00 %',
    '>99.99 %',
    '100.00 %',
    '–',
  ]);
  expect([points(0.00001, 0), points(0, 0), points(0.5, 0.25)]).toEqual(['+<0.01', '±0', '+25.00']);
});

test('the reason of a verdict: rules by their share, with what the column is called; findings; a stopped run', () => {
  const run = structuredClone(manifests.find(({ dataset }) => dataset === 'sdf')!);
  run.ledger = { ...run.ledger, rejectedStructure: 0, rejectedRule: 0, duplicates: 0 };
  run.fileRules = [];
  run.rules = run.rules.map((rule) => ({ ...rule, rows: 0 }));
  expect(describeVerdict({ ...run, verdict: judge(run) })).toBe('PASS');
  const broken = run.rules.find(({ id }) => id === 'S39')!;
  Object.assign(broken, { rows: 2606, of: { what: 'sales', rows: 95332 } });
  expect(describeVerdict({ ...run, verdict: judge(run) })).toBe(
    'WARN because 2.73 % of 95,332 sales: NBRHD_CD (county neighborhood code) is missing (S39)',
  );
  run.findings = [{ level: 'warn', measure: 'rows', name: null, message: 'half the rows' }];
  expect(describeVerdict({ ...run, verdict: judge(run) })).toMatch(
    /unlike the last good runs \(half the rows\)$/,
  );
  expect(describeVerdict({ ...run, verdict: 'fail', reason: 'F12 too many' })).toBe(
    'FAIL because F12 too many',
  );
});

/** Texts whose contrast with what is behind them is below WCAG's 4.5. */
function lowContrast(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const parse = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color[3] === undefined || color[3] > 0) return color;
      }
      return [255, 255, 255];
    };
    const poor = new Set();
    for (const element of document.querySelectorAll('body *')) {
      if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
      const style = getComputedStyle(element);
      const color = parse(element.closest('svg') ? style.fill : style.color);
      const [a, b] = [light(color), light(behind(element))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(element.tagName + '.' + element.className + ' ' + element.textContent.slice(0, 30));
    }
    return [...poor];
  })()`) as Promise<string[]>;
}
