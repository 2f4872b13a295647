/** The sections of a roll's report that say what is in it: rules, columns, distributions. */

import { count, percent, points } from '../formats.ts';
import { rollColumnsOf } from '../lineage.ts';
import type { ColumnProfile, Dataset, Distribution, RuleResult, RunManifest } from '../model.ts';
import { notRun } from '../verdict.ts';
import { brief, distributionChart, smallHistogram, trend } from './charts.ts';
import { meter, table } from './document.ts';
import { html, type Markup } from './html.ts';
import type { ColumnMemory, Memory } from './memory.ts';
import { plainNames } from './plainNames.ts';
import { repeatOf } from './repeat.ts';
import { rollOf, shorten } from './words.ts';

/** Broken rules with samples and the query that repeats them, then the names of those that hold. */
export function rules(manifest: RunManifest, memory: Memory): Markup {
  const { rules: all, fileRules, ledger: l, rowsWithWarning } = manifest;
  const broken = all.filter((rule) => (rule.rows ?? 0) > 0).sort((a, b) => weight(b) - weight(a));
  const held = all.filter((rule) => rule.rows === 0);
  return html`<h3>Rules</h3>
<p>${broken.length} of ${all.length} rules are broken; ${count(rowsWithWarning)} rows (${percent(rowsWithWarning, l.recordsIn)}) have a warning.</p>
${fileRules.map((rule) => html`<p class="warn">${rule.id}: ${rule.message}</p>`)}
${broken.length > 0 ? brokenTable(manifest, broken, memory) : ''}
<details class="printed"><summary>${held.length} rules hold</summary><ul class="held">${held.map(({ id, message }) => html`<li><b>${id}</b> not found: ${message}</li>`)}</ul></details>
${notRun(all).map(([why, ids]) => html`<p class="soft">Not run: ${ids.join(', ')}, because ${why}.</p>`)}`;
}

const weight = (rule: RuleResult) => (rule.severity === 'error' ? 1e15 : 0) + (rule.rows ?? 0);

function brokenTable(manifest: RunManifest, broken: RuleResult[], memory: Memory): Markup {
  const records = manifest.ledger.recordsIn;
  return table(
    rollOf(manifest, 'Broken rules'),
    [
      'Rule',
      'Severity',
      'Meaning',
      { number: 'Rows' },
      { number: 'Of' },
      { number: 'Share' },
      { number: 'Since last, points' },
    ],
    broken.map((rule) => {
      const before = memory.rules.get(rule.id);
      const of = rule.of ?? { what: 'records', rows: records };
      const share = (rule.rows ?? 0) / of.rows;
      return [
        rule.id,
        html`<span class="${rule.severity === 'error' ? 'fail' : 'warn'}">${rule.severity}</span>`,
        [rule.message, inWords(manifest, rule), samples(rule), repeat(manifest, rule)].map(
          (part) => html`${part}`,
        ),
        count(rule.rows ?? 0),
        `${count(of.rows)} ${of.what}`,
        percent(rule.rows ?? 0, of.rows),
        before === undefined || before === null ? '–' : points(share, before),
      ];
    }),
    'Errors reject the row; warnings only count it.',
  );
}

/** What DOR's names in the message stand for. */
function inWords({ dataset }: RunManifest, { message }: RuleResult): Markup | string {
  const names = plainNames(dataset, message);
  if (names.length === 0) return '';
  return html`<br><small>${names.map(([name, plain]) => `${name}: ${plain}`).join('; ')}</small>`;
}

function samples({ id, samples: found }: RuleResult): Markup | string {
  const [first] = found;
  if (!first) return '';
  const names = Object.keys(first);
  return html`<details><summary>${found.length} ${found.length === 1 ? 'row' : 'rows'} as a sample</summary>${table(
    `Rows that break ${id}`,
    names,
    found.map((row) => names.map((name) => shorten(row[name] ?? null) ?? '–')),
  )}</details>`;
}

function repeat(manifest: RunManifest, rule: RuleResult): Markup | string {
  const found = repeatOf(manifest, rule);
  if (!found) return '';
  return html`<details><summary>Query that repeats it</summary>${
    found.query
      ? html`<pre><code>dor sql "${found.query}"</code></pre>`
      : html`<p>It needs the roll as loaded: <code>dor ingest ${manifest.county} --force --no-push</code> runs it again.</p>`
  }<p class="soft">${found.file}</p><pre><code>${found.rule}</code></pre></details>`;
}

/** Fill, variety, range, values and trend of every staged column. */
export function columns(manifest: RunManifest, memory: Memory): Markup {
  const { columns: all, staged, ledger: l, profiledRows } = manifest;
  const rows = staged?.rows ?? l.accepted;
  if (all.length === 0 || rows === 0) return html``;
  const filled = all.filter((column) => column.filled > 0);
  const empty = all.filter((column) => column.filled === 0);
  return html`<h3>Columns</h3>
<details class="printed"><summary>${filled.length} filled columns of ${count(rows)} rows</summary>${table(
    rollOf(manifest, 'Column profiles'),
    ['Column', 'Filled', 'Trend', { number: 'Distinct' }, 'From – to', '5 · 50 · 95 %', 'Commonest'],
    filled.map((column) => columnRow(manifest.dataset, column, rows, memory.columns.get(column.name))),
    `Fill, minimum and maximum are of all rows, distinct values an estimate; quantiles, commonest values and histograms are of ${count(profiledRows)} rows. Fill elsewhere: median of other counties.`,
  )}</details>
${empty.length > 0 ? html`<details class="printed"><summary>${empty.length} columns are empty</summary><p>${empty.map(({ name }) => name).join(', ')}</p></details>` : ''}`;
}

function columnRow(dataset: Dataset, column: ColumnProfile, rows: number, known: ColumnMemory | undefined) {
  const { name, type, filled, distinct, min, max, quantiles, histogram, top } = column;
  const fill = filled / rows;
  const trace = known && known.trend.length > 1 ? known.trend : null;
  const elsewhere =
    known?.elsewhere !== null && known?.elsewhere !== undefined
      ? html`<br><small class="soft">elsewhere ${percent(known.elsewhere, 1, 0)}</small>`
      : '';
  const moved = known && known.fillBefore !== null ? points(fill, known.fillBefore) : '±0';
  const since = moved === '±0' ? '' : html` <small>${moved} since last</small>`;
  return [
    html`<code>${name}</code><br><small class="soft">${[type.replace(/\(.*/, ''), dorNames(dataset, name)].filter(Boolean).join(', ')}</small>`,
    html`${meter(fill)} ${percent(filled, rows, fill > 0.999 && fill < 1 ? 2 : 1)}${since}${elsewhere}`,
    trace
      ? trend(
          `Fill of ${name} in the last ${trace.length} runs: ${trace.map((value) => percent(value, 1, 1)).join(', ')}`,
          trace,
          [0, 1],
        )
      : '–',
    distinct === 0 ? '–' : count(distinct),
    min === null ? '' : min === max ? shorten(min) : html`${shorten(min)} – ${shorten(max)}`,
    [
      histogram ? smallHistogram(name, histogram) : '',
      quantiles
        ? html`<span class="nowrap">${[quantiles[0]!, quantiles[2]!, quantiles[4]!].map(number).join(' · ')}</span>`
        : '',
    ],
    html`<small>${top.slice(0, 5).map(({ value, share }) => html`<span class="value">${shorten(value, 26)} <b>${percent(share, 1, 1)}</b></span> `)}</small>`,
  ];
}

/** The roll's own names of what a staged column is made from. */
function dorNames(dataset: Dataset, name: string): string {
  const names = rollColumnsOf(dataset, name);
  return names.length > 3
    ? `DOR ${names.slice(0, 3).join(' ')} …`
    : names.length > 0
      ? `DOR ${names.join(' ')}`
      : '';
}

/** Years and codes as they are, large numbers in brief. */
const number = (value: number) =>
  Math.abs(value) < 10_000 ? String(Number(value.toFixed(2))) : brief(value);

/** What people look at first, each as a chart and as a table. */
export function distributions(manifest: RunManifest): Markup {
  const { distributions: all } = manifest;
  const shown = all.filter(({ bins }) => bins.length > 0);
  if (shown.length === 0) return html``;
  return html`<h3>Distributions</h3><div class="charts">${shown.map(
    (one) =>
      html`<figure><figcaption>${one.title}</figcaption>${distributionChart(one)}${asTable(one, rollOf(manifest, one.title))}</figure>`,
  )}</div>`;
}

function asTable({ bins, unit }: Distribution, title: string): Markup {
  const total = bins.reduce((sum, { rows }) => sum + rows, 0);
  return html`<details><summary>as a table</summary>${table(
    `${title}, as a table`,
    [unit ?? 'name', { number: 'Rows' }, { number: 'Share' }],
    bins.map(({ label, low, high, rows }) => [
      label ??
        (low === high
          ? brief(low!)
          : unit === 'year'
            ? `${low}–${high! - 1}`
            : `${brief(low!)} to ${brief(high!)}`),
      count(rows),
      percent(rows, total, 1),
    ]),
  )}</details>`;
}
