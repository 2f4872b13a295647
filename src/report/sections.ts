/** The sections of the quality report, one function each. */

import type { RuleResult, RunManifest } from '../model.ts';
import { html, type Markup } from './html.ts';

/** Longest value that a page shows. */
const LONGEST = 60;

export const count = (value: number) => value.toLocaleString('en-US');
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`);
const shorten = (text: string | null) =>
  text && text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;

/** Where every record of the file went. */
export function ledger({ ledger: l }: RunManifest): Markup {
  const rows: [string, number][] = [
    ['Records in the file', l.recordsIn],
    ['Accepted', l.accepted],
    ['Rejected: no row (field count, quotes)', l.rejectedStructure],
    ['Rejected: breaks an error rule', l.rejectedRule],
    ['Later copies of a key', l.duplicates],
  ];
  return html`<h3>Ledger</h3>
<div class="wide"><table><caption>${l.balanced ? 'Balances: records in = accepted + rejected + copies.' : 'Does not balance, or was not finished.'}</caption>
<thead><tr><th scope="col">Rows</th><th scope="col" class="n">Count</th><th scope="col" class="n">Share</th></tr></thead>
<tbody>${rows.map(([name, n]) => html`<tr><th scope="row">${name}</th><td class="n">${count(n)}</td><td class="n">${share(n, l.recordsIn)}</td></tr>`)}</tbody></table></div>`;
}

/** What the target got. */
export function changes({ changes: c, target }: RunManifest): Markup {
  if (!c) return html`<h3>Changes</h3><p class="soft">Nothing was compared with a target.</p>`;
  return html`<h3>Changes</h3>
<div class="wide"><table><caption>Against what ${target} held before.</caption>
<thead><tr><th scope="col" class="n">Inserted</th><th scope="col" class="n">Updated</th><th scope="col" class="n">Deleted</th><th scope="col" class="n">Unchanged</th></tr></thead>
<tbody><tr><td class="n">${count(c.insert)}</td><td class="n">${count(c.update)}</td><td class="n">${count(c.delete)}</td><td class="n">${count(c.unchanged)}</td></tr></tbody></table></div>`;
}

/** Broken rules with samples, then the names of those that hold. */
export function rules({ rules: all, fileRules, ledger: l, rowsWithWarning }: RunManifest): Markup {
  const broken = all.filter((rule) => (rule.rows ?? 0) > 0).sort((a, b) => weight(b) - weight(a));
  const held = all.filter((rule) => rule.rows === 0);
  const skipped = all.filter((rule) => rule.rows === null);
  return html`<h3>Rules</h3>
<p>${broken.length} of ${all.length} rules are broken; ${count(rowsWithWarning)} rows (${share(rowsWithWarning, l.recordsIn)}) have a warning.</p>
${fileRules.map((rule) => html`<p class="warn">${rule.id}: ${rule.message}</p>`)}
${broken.length > 0 ? brokenTable(broken, l.recordsIn) : ''}
<details><summary>${held.length} rules hold</summary><p>${held.map((rule) => html`<span title="${rule.message}">${rule.id}</span> `)}</p></details>
${skipped.length > 0 ? html`<p class="soft">Not run, because what they compare with is not staged: ${skipped.map((rule) => rule.id).join(', ')}</p>` : ''}`;
}

const weight = (rule: RuleResult) => (rule.severity === 'error' ? 1e15 : 0) + (rule.rows ?? 0);

function brokenTable(broken: RuleResult[], records: number): Markup {
  const rows = broken.map(
    (
      rule,
    ) => html`<tr><th scope="row">${rule.id}</th><td class="${rule.severity === 'error' ? 'fail' : 'warn'}">${rule.severity}</td>
<td>${rule.message}${samples(rule)}</td><td class="n">${count(rule.rows ?? 0)}</td><td class="n">${share(rule.rows ?? 0, records)}</td></tr>`,
  );
  return html`<div class="wide"><table><caption>Errors reject the row; warnings only count it.</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">Severity</th><th scope="col">Meaning</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Share</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function samples({ id, samples: found }: RuleResult): Markup | string {
  const [first] = found;
  if (!first) return '';
  const names = Object.keys(first);
  return html`<details><summary>${found.length} ${found.length === 1 ? 'row' : 'rows'} as a sample</summary><div class="wide"><table aria-label="Rows that break ${id}">
<thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${found.map((row) => html`<tr>${names.map((name) => html`<td>${shorten(row[name] ?? null) ?? '–'}</td>`)}</tr>`)}</tbody></table></div></details>`;
}

/** Fill, variety and range of every staged column. */
export function columns({ columns: all, staged }: RunManifest): Markup {
  const rows = staged?.rows ?? 0;
  if (all.length === 0 || rows === 0) return html``;
  return html`<h3>Columns</h3>
<details><summary>${all.length} columns of ${count(rows)} staged rows</summary><div class="wide"><table><caption>Distinct values are an estimate.</caption>
<thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Filled</th><th scope="col" class="n">Distinct</th><th scope="col">Minimum</th><th scope="col">Maximum</th></tr></thead>
<tbody>${all.map(
    (
      column,
    ) => html`<tr><th scope="row"><code>${column.name}</code></th><td class="soft">${shorten(column.type)}</td>
<td>${bar(column.filled / rows)} ${share(column.filled, rows)}</td><td class="n">${count(column.distinct)}</td><td>${shorten(column.min)}</td><td>${shorten(column.max)}</td></tr>`,
  )}</tbody></table></div></details>`;
}

/** Which bytes, which SQL, which engine. */
export function lineage({ source, run, sqlVersion, engine }: RunManifest): Markup {
  const facts: [string, string][] = [
    ['File', [source.file, ...source.members].join(' › ')],
    ['SHA-256', source.sha256],
    ['Text', `${source.encoding}, ${source.newline} line ends, ${count(source.bytes)} bytes`],
    [
      'Submission',
      `${source.stage ?? '?'} ${source.submission ?? ''} ${source.submissionId ?? ''} of ${source.fileDate}`,
    ],
    ['Extra columns', source.extraColumns.join(', ') || 'none'],
    ['Run', run],
    ['SQL version', sqlVersion],
    ['Engine', `DuckDB ${engine}`],
  ];
  return html`<h3>Lineage</h3><div class="wide"><table aria-label="Lineage"><tbody>${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td><code>${value}</code></td></tr>`)}</tbody></table></div>`;
}

/** Seconds per step. */
export function times({ timings, peakRssMb, routing, source }: RunManifest): Markup {
  const total = timings.reduce((sum, { seconds }) => sum + seconds, 0);
  const speed = total > 0 ? `${(source.bytes / 1e6 / total).toFixed(0)} MB/s` : '–';
  return html`<h3>Time</h3>
<p>${total.toFixed(1)} s, ${speed}, peak memory of the process ${count(peakRssMb)} MB. ${routing.mode}, ${routing.threads} threads, ${routing.memoryLimitMb} MB: ${routing.reason}.</p>
<div class="wide"><table aria-label="Seconds per step"><tbody>${timings.map(({ step, seconds }) => html`<tr><th scope="row">${step}</th><td class="n">${seconds.toFixed(2)} s</td><td>${bar(total > 0 ? seconds / total : 0)}</td></tr>`)}</tbody></table></div>`;
}

function bar(part: number): Markup {
  return html`<span class="track" aria-hidden="true"><span class="bar" style="width:${(6 * part).toFixed(2)}rem"></span></span>`;
}
