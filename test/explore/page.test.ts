import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { launchChromium } from '../chromium.ts';
import { finished, startDor } from '../workspace.ts';
import { type Explorer, startExplorer } from './explorer.ts';

let explorer: Explorer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the page complained about: must be nothing, after every test. */
let complaints: string[];
/** With the token of the server that runs now. */
let address: string;

beforeAll(async () => {
  [browser, explorer] = await Promise.all([launchChromium(), startExplorer(['liberty'])]);
  address = explorer.address;
});
afterAll(async () => {
  await browser?.close();
  await explorer?.stop();
});
beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    // Where a day of UTC begins the day before.
    timezoneId: 'America/New_York',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await openPage();
});
afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function openPage(): Promise<Page> {
  const opened = await context.newPage();
  opened.on('console', (message) => {
    const text = message.text();
    // The browser notes by itself that a query was refused or cancelled.
    if (/Failed to load resource.* 400 /.test(text)) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(text);
  });
  opened.on('pageerror', (error) => complaints.push(error.message));
  // What the editor completes comes a moment later.
  const words = opened.waitForResponse(/api\/words/);
  await opened.goto(address);
  await editor(opened).waitFor();
  await words;
  return opened;
}

const editor = (on = page) => on.getByRole('textbox', { name: /SQL query/ });
/** Waits as long as a busy machine may need. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });
const status = (on = page) => on.getByRole('status');
/** Longer than any test, and without work for the machine. */
const SLOW = 'select pg_sleep(600)';
/** A cell as the grid counts: row 1 is the first of the result. */
const cell = (row: number, column: number) =>
  page.locator(`.grid tr[aria-rowindex="${row + 1}"] td[aria-colindex="${column + 1}"]`);

/** Types a query over what stands there, and runs it. */
async function run(query: string, on = page): Promise<void> {
  await editor(on).click();
  await on.keyboard.press('Control+a');
  // As pasted: what the editor would complete or close is not what is tested.
  await on.keyboard.insertText(query);
  await on.keyboard.press('Control+Enter');
}

async function settled(on = page): Promise<string | null> {
  const text = status(on).filter({ hasText: / rows? in [\d.]+ s/ });
  await text.waitFor({ timeout: 90_000 });
  return text.textContent();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps somebody from using the page as it stands, by axe-core; nothing, when all is well. */
const barriers = (on = page) =>
  on.evaluate<string[]>(`(async () => {
    ${AXE};
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 200)));
  })()`);

test('types with completion, runs, tells null from empty, sorts', async () => {
  await page.locator('.sidebar .table').first().waitFor();
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('select * from dor_tangible_cur', { delay: 15 });
  await page.getByRole('option', { name: 'dor_tangible_current' }).waitFor();
  // It takes no choice in the first moments, so that nobody picks by accident.
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  expect(await editor().textContent()).toContain('from dor_tangible_current');
  // Columns without a prefix, DOR's name beside them; functions and words of the engine, not PostgreSQL's.
  await page.keyboard.type(' where accoun', { delay: 15 });
  await page.getByRole('option', { name: /^account_id.*ACCT_ID/ }).waitFor();
  for (const [typed, offered] of [
    [' qualif', 'qualify'],
    [' list_aggr', /^list_aggregate\(/],
  ] as const) {
    await page.keyboard.type(typed, { delay: 15 });
    await page.getByRole('option', { name: offered }).first().waitFor();
  }
  await page.keyboard.press('Escape');

  await run("select range as n, case when range = 1 then null else '' end as word from range(3)");
  expect(await settled()).toMatch(/^3 rows in/);
  await eventually(() => cell(2, 2).textContent()).toBe('null');
  await eventually(() => cell(1, 2).textContent()).toBe('');
  const header = page.getByRole('columnheader', { name: /^n\b/ });
  await header.click();
  await header.click();
  await eventually(() => cell(1, 1).textContent()).toBe('2');
  expect(await header.getAttribute('aria-sort')).toBe('descending');

  await run(
    `select 2025 as year, 16 as county_no, 1234567 as just_value, repeat('long ', 90) || 'end' as legal_desc`,
  );
  await eventually(() => cell(1, 3).textContent()).toBe('1,234,567');
  expect(await Promise.all([1, 2].map((at) => cell(1, at).textContent()))).toEqual(['2025', '16']);
  expect(await page.locator('.grid .column[title*="DOR: JV: Market value"]').textContent()).toMatch(
    /^just_value/,
  );
  await cell(1, 4).hover();
  await eventually(() => cell(1, 4).getAttribute('title')).toMatch(/long end$/);
  expect(await barriers()).toEqual([]);
  // A grid that is not seen must not end the page.
  await page.getByRole('button', { name: 'Runs and reports' }).click();
  await page.emulateMedia({ media: 'print' });
  await page.getByRole('cell', { name: 'liberty' }).first().waitFor();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'Query', exact: true }).click();
  await page.emulateMedia({ media: 'print' });
  await cell(1, 1).waitFor();
  expect(await page.getByText('select 2025 as year').last().isVisible()).toBe(true);
});

test('days of any year', async () => {
  await run(
    "select '2024-02-29'::date as a, '0001-01-01'::date as b, '290000-12-31'::date as c, 'infinity'::date as d, '1969-12-31'::date as e",
  );
  expect(await settled()).toMatch(/^1 row in/);
  const shown = ['2024-02-29', '0001-01-01', '290000-12-31', 'infinity', '1969-12-31'];
  for (const [at, text] of shown.entries()) await eventually(() => cell(1, at + 1).textContent()).toBe(text);
});

test('scrolls 1,200,000 rows to the millionth and on', async () => {
  await run("select range as n, 'row ' || range as label from range(1200000)");
  expect(await settled()).toMatch(/^1,200,000 rows in/);
  await page.getByLabel('Go to row').fill('1000000');
  await page.keyboard.press('Enter');
  await eventually(() => cell(1_000_000, 2).textContent()).toBe('row 999999');
  await page.mouse.move(700, 500);
  await page.mouse.wheel(0, 660);
  await eventually(() => cell(1_000_020, 2).textContent()).toBe('row 1000019');
  const label = page.getByRole('columnheader', { name: /^label/ });
  await label.click();
  await eventually(() => label.getAttribute('aria-sort')).toBe('ascending');
  await page.getByLabel('Go to row').fill('1200000');
  await page.keyboard.press('Enter');
  await eventually(() => cell(1_200_000, 2).textContent()).toBe('row 999999');
});

test('a saved query with its parameters, and a chart of it', async () => {
  await page.getByRole('button', { name: 'Market by city' }).click();
  await page.getByLabel('county').fill('liberty');
  await page.keyboard.press('Enter');
  expect(await settled()).toMatch(/^\d rows in/);
  await page.getByRole('button', { name: 'Chart', exact: true }).click();
  const bars = page.locator('.figure svg [aria-label="bar"] rect');
  await bars.first().waitFor();
  await page.locator('.choices label', { hasText: /^x/ }).locator('select').selectOption('city');
  await page.locator('figcaption', { hasText: 'by city' }).waitFor();
  const cities = await bars.count();
  expect(cities).toBeGreaterThan(1);
  await page.getByLabel('Kind').selectOption('histogram');
  await page.locator('.figure svg [aria-label="rect"] rect').first().waitFor();
  await page.getByLabel('Kind').selectOption('dot');
  await page.locator('.choices label', { hasText: /^x/ }).locator('select').selectOption('parcels');
  await eventually(() => page.locator('.figure svg [aria-label="dot"] circle').count()).toBe(cities);
  expect(await barriers()).toEqual([]);
});

test('a chart of months begins with the first, wherever the browser is, and says what it leaves out', async () => {
  await page.getByRole('button', { name: 'Query', exact: true }).waitFor();
  await run(
    "select timestamp '2024-03-01' + to_months(range::int) as month, 1 as sales from range(3) union all select null, 1",
  );
  await settled();
  await page.getByRole('button', { name: 'Chart', exact: true }).click();
  const caption = page.locator('figcaption');
  await eventually(() => caption.textContent()).toBe(
    'sum of sales by month All 3 shown. 1 row left out: no month.',
  );
  const first = page.locator('.figure svg [aria-label="dot"] circle').first();
  await first.hover();
  await eventually(() => page.locator('.figure svg [aria-label="tip"]').textContent()).toMatch(
    /month 2024-03-01.*sum of sales 1/,
  );
  expect(await page.locator('.figure svg').textContent()).toMatch(/MarApr|Mar/);
  await run("select 'street ' || range % 412 as street, 1 as n from range(824)");
  await eventually(() => caption.textContent()).toBe(
    'sum of n by street 30 of 412 shown, those with the largest sum of n; the other 382 have 764 of 824 rows and a sum of 764.',
  );
});

test('a long one is cancelled, and another page works meanwhile; rows stay', async () => {
  await run('select 41 as before');
  await settled();
  await run(SLOW);
  await status()
    .filter({ hasText: /running/ })
    .waitFor();
  const other = await openPage();
  await run('select 42 as answer', other);
  expect(await settled(other)).toMatch(/^1 row in/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await eventually(() => page.getByRole('alert').textContent()).toMatch(
    /cancelled.*rows below are those of before/,
  );
  await eventually(() => cell(1, 1).textContent()).toBe('41');
  // With the first rows there, these stay.
  await run('select a.range as n from range(100000) a, range(1000000) b');
  await status()
    .filter({ hasText: /reading all/ })
    .waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await status()
    .filter({ hasText: /^the first 2,04\d rows only/ })
    .waitFor();
  await cell(1, 1).waitFor();
  await run('select 1 as again');
  expect(await settled()).toMatch(/^1 row in/);
});

test('the statement at the cursor runs; what is wrong is said and marked where it stands', async () => {
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('select 7 as one;\n\nselect 2,\n  nope\nfrom dor_sales;\nselect 3 as three');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Control+Enter');
  await eventually(() => page.getByRole('alert').textContent()).toMatch(
    /^The query failed at line 4, column 3: .*Referenced column "nope" not found[\s\S]*tables here/,
  );
  await eventually(() => page.locator('.cm-content .wrong').textContent()).toBe('nope');
  expect(await barriers()).toEqual([]);
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(1, 1).textContent()).toBe('7');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await eventually(() => page.locator('.wrong').count()).toBe(0);
  await run('select 1 as one;\nselect 2 as two');
  await page.keyboard.press('Shift+Control+Enter');
  await page.getByRole('button', { name: '2', exact: true }).waitFor();
  await eventually(() => cell(1, 1).textContent()).toBe('2');
  await page.getByRole('button', { name: '1', exact: true }).click();
  await eventually(() => cell(1, 1).textContent()).toBe('1');
});

test("a query of one's own is kept, exported, opened again and deleted", async () => {
  await run("select 'kept' as word");
  await page.getByText('Save', { exact: true }).click();
  await page.getByLabel('Name').fill('My words');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Delete My words' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export My words' }).click(),
  ]);
  expect([download.suggestedFilename(), readFileSync(await download.path(), 'utf8')]).toEqual([
    'my-words.sql',
    "-- title: My words\nselect 'kept' as word",
  ]);
  const other = await openPage();
  await other.getByRole('button', { name: 'My words', exact: true }).click();
  await other.locator('.cm-content').filter({ hasText: "'kept'" }).waitFor();
  await other.locator('.cm-content').press('Control+Enter');
  expect(await settled(other)).toMatch(/^1 row in/);
  other.on('dialog', (dialog) => dialog.accept());
  await other.getByRole('button', { name: 'Delete My words' }).click();
  await other.getByRole('button', { name: 'Delete My words' }).waitFor({ state: 'detached' });
});

test('downloads hold every row, in the order of the page', async () => {
  await run(
    "select '00' || range as code, range * 9007199254740993 as wide, date '2024-02-29' as day, null as nothing from range(3)",
  );
  await settled();
  await page.getByRole('columnheader', { name: /^code/ }).click();
  await page.getByRole('columnheader', { name: /^code/ }).click();
  await eventually(() => cell(1, 1).textContent()).toBe('002');
  await page.getByRole('button', { name: 'Copy' }).click();
  await status().filter({ hasText: '3 rows copied with headers' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    'code\twide\tday\tnothing\n002\t18014398509481986\t2024-02-29\t\n001\t9007199254740993\t2024-02-29\t\n000\t0\t2024-02-29\t\n',
  );
  const file = async (title: string) => {
    await page
      .locator('.download[open]')
      .count()
      .then((open) => (open ? undefined : page.getByText('Download').click()));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: title }).click(),
    ]);
    return readFileSync(await download.path());
  };
  expect((await file('CSV')).toString()).toBe(
    'code,wide,day,nothing\n002,18014398509481986,2024-02-29,\n001,9007199254740993,2024-02-29,\n000,0,2024-02-29,\n',
  );
  const arrow = tableFromIPC(await file('Arrow'));
  expect([arrow.numRows, arrow.get(0)!.wide]).toEqual([3, 18014398509481986n]);
  const parquet = await file('Parquet');
  const rows = await parquetReadObjects({
    file: parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer,
    compressors,
  });
  expect(rows.map(({ code }) => code)).toEqual(['002', '001', '000']);
  const sheet = await fromZip(await file('Excel'), 'xl/worksheets/sheet1.xml');
  expect(sheet.match(/<row /g)).toHaveLength(4);
  // A code keeps its zeros, and a number that Excel would round is text.
  expect(sheet).toMatch(/t="(inlineStr|str)"[^>]*>(<is><t[^>]*>|<v>)002/);
  expect(sheet).toContain('>18014398509481986<');
});

test('runs and reports; an ingest is seen while it runs', { timeout: 90_000 }, async () => {
  await page.getByRole('button', { name: 'Runs and reports' }).click();
  await page.getByRole('cell', { name: 'liberty' }).first().waitFor();
  const [report] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('link', { name: 'liberty-2025' }).click(),
  ]);
  report.on('console', (message) => complaints.push(message.text()));
  await report.waitForLoadState();
  expect(await report.locator('h1').textContent()).toMatch(/Liberty/);
  // Its sandbox lets no script in, so its text is looked at elsewhere.
  const plain = await context.newPage();
  await plain.setContent(await report.content());
  expect(await barriers(plain)).toEqual([]);
  await page.bringToFront();
  expect(await barriers()).toEqual([]);
  const ingesting = finished(startDor(explorer.data, ['ingest', 'broward', '--no-push']));
  await page.getByText('Ingesting broward').waitFor();
  await ingesting;
  await page.getByRole('cell', { name: 'broward' }).first().waitFor();
  await eventually(() => page.getByText('Ingesting broward').count()).toBe(0);
});

test('everything by keys alone', async () => {
  const press = async (key: string, times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press(key);
  };
  const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''");
  await page.getByRole('button', { name: 'Top holders' }).waitFor();
  await page.locator('.sidebar .table').first().waitFor();
  // From the top: the views, then the sidebar; a saved query opens with Enter and puts the cursor into the editor.
  await press('Tab');
  expect(await focused()).toBe('Query');
  for (let tries = 0; (await focused()) !== 'Top holders'; tries++) {
    if (tries > 60) throw new Error('no way to the saved queries');
    await press('Tab');
  }
  await press('Enter');
  expect(await page.evaluate<string>('document.activeElement?.className')).toMatch(/cm-content/);
  await press('Control+Enter');
  expect(await settled()).toMatch(/^100 rows in/);
  await cell(1, 1).waitFor();
  // On through the toolbar to the grid; arrows walk through its cells.
  for (
    let tries = 0;
    !(await page.evaluate<boolean>("document.activeElement.matches('.grid td, .grid th')"));
    tries++
  ) {
    if (tries > 200) throw new Error('no way to the grid');
    await press('Tab');
  }
  await press('ArrowRight', 2);
  await press('ArrowDown', 3);
  const at = () =>
    page.evaluate<string[]>(
      "[document.activeElement.closest('tr')?.ariaRowIndex, document.activeElement.getAttribute('aria-colindex')]",
    );
  await eventually(at).toEqual(['4', '3']);
  await press('Control+ArrowDown');
  await eventually(at).toEqual(['101', '3']);
  const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
  expect(outline).toBe('solid');
});

test('a phone shows all of it without scrolling sideways', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: /Tables, saved queries/ }).click();
  await page.getByRole('button', { name: 'Flips' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await settled();
  await cell(1, 1).waitFor();
  const sideways = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(await sideways()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Chart', exact: true }).click();
  await page.locator('.figure svg').first().waitFor();
  expect(await sideways()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Runs and reports' }).click();
  await page.getByRole('cell', { name: 'liberty' }).first().waitFor();
  expect(await sideways()).toBeLessThanOrEqual(0);
});

test('a reload and a second tab stay in; without the token nobody gets in', async () => {
  expect(new URL(page.url()).hash).toBe('');
  await page.reload();
  await editor().waitFor();
  const second = await context.newPage();
  await second.goto(explorer.base);
  await run('select 2 as again', second);
  expect(await settled(second)).toMatch(/^1 row in/);
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(explorer.base);
  expect(await stranger.getByRole('alert').textContent()).toMatch(
    /Open the address that dor explore printed/,
  );
  await stranger.context().close();
});

test('another server of this machine learns nothing that opens the page', async () => {
  const heard: string[] = [];
  const other = createServer((request, response) => {
    heard.push(JSON.stringify([request.url, request.headers]));
    response.setHeader('content-type', 'text/html').end('<p>other</p>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const visitor = await context.newPage();
  await visitor.goto(`http://127.0.0.1:${port}/`);
  expect(heard.length).toBeGreaterThan(0);
  for (const request of heard) expect(request).not.toMatch(/cookie|session/i);
  // Nor can its page ask in the browser's name.
  const asked = await visitor.evaluate<string>(
    `fetch('${explorer.base}/api/saved', { credentials: 'include' }).then((one) => one.text(), () => 'refused')`,
  );
  expect(asked).toBe('refused');
  expect(await visitor.evaluate('Object.keys(localStorage).length')).toBe(0);
  other.close();
});

test('after a new start on the same port, old tabs go on once the new address is opened', async () => {
  address = await explorer.restart();
  await run('select 1 as one');
  await page
    .getByRole('alert')
    .filter({ hasText: /Open the address that dor explore printed/ })
    .waitFor();
  // Pasted into a tab that has the page already: only the fragment changes.
  const second = await context.newPage();
  await second.goto(explorer.base);
  await second.getByRole('alert').waitFor();
  await second.goto(address);
  await editor(second).waitFor();
  await run('select 1 as one');
  expect(await settled()).toMatch(/^1 row in/);
  complaints = complaints.filter(
    (text) => !/401|ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/.test(text),
  );
});

test('seven tabs with slow queries leave the eighth its answers, and each can be cancelled', {
  timeout: 240_000,
}, async () => {
  const tabs = [page];
  while (tabs.length < 7) tabs.push(await openPage());
  for (const tab of tabs) {
    await tab.bringToFront();
    await run(SLOW, tab);
    await status(tab)
      .filter({ hasText: /running/ })
      .waitFor();
  }
  const eighth = await openPage();
  await run('select 8 as tab', eighth);
  expect(await settled(eighth)).toMatch(/^1 row in/);
  for (const tab of tabs) {
    await tab.bringToFront();
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await run('select 1 as again', tab);
    expect(await settled(tab)).toMatch(/^1 row in/);
  }
});

test('from the report of the state to a county and back', async () => {
  await finished(startDor(explorer.data, ['report', 'all']));
  await page.getByRole('button', { name: 'Runs and reports' }).click();
  const [state] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('link', { name: 'florida' }).click(),
  ]);
  state.on('console', (message) => complaints.push(message.text()));
  await state.getByRole('heading', { name: /^Florida/ }).waitFor();
  const county = state.getByRole('link', { name: 'Liberty' }).first();
  await county.click();
  await state.getByRole('heading', { level: 1, name: /Liberty/ }).waitFor();
  await state.reload();
  await state.getByRole('heading', { level: 1, name: /Liberty/ }).waitFor();
  await state.goBack();
  await state.getByRole('heading', { name: /^Florida/ }).waitFor();
  const [beside] = await Promise.all([
    context.waitForEvent('page'),
    county.click({ modifiers: ['ControlOrMeta'] }),
  ]);
  await beside.getByRole('heading', { level: 1, name: /Liberty/ }).waitFor();
  // It is still nobody: no script, no origin, no storage.
  expect(await beside.evaluate('origin')).toBe('null');
});

function fromZip(bytes: Buffer, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on('entry', (entry) => {
        if (entry.fileName !== name) return zip.readEntry();
        zip.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed);
          resolve(Buffer.concat(await stream.toArray()).toString());
        });
      });
      zip.on('end', () => reject(new Error(`there is no ${name}`)));
      zip.readEntry();
    });
  });
}
