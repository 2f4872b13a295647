/** The sections of a roll's report that say how the run went, one function each. */

import { change, count, minute, percent } from '../formats.ts';
import type { RunManifest } from '../model.ts';
import { reasonOf } from '../verdict.ts';
import { rowHistory } from './charts.ts';
import { meter, table } from './document.ts';
import { html, type Markup } from './html.ts';
import type { Memory } from './memory.ts';
import { rollOf } from './words.ts';

const MEANING = {
  pass: 'Clean: nothing was rejected, no rule is broken by more than 1 % of what it counts, nothing is unlike the last good runs.',
  warn: 'Usable.',
  fail: 'Stopped: what was staged and published before is untouched.',
};

const DECISION: Record<RunManifest['status'], string> = {
  published: 'published to the target',
  staged: 'staged in the lake, not pushed',
  unchanged: 'unchanged: nothing was redone',
  stopped: 'stopped before anything was changed',
  failed: 'failed',
  'dry-run': 'dry run: nothing was written',
};

/** The verdict, and what was decided about publishing. */
export function verdict(manifest: RunManifest): Markup {
  const { verdict: found, status, remedy, ledger: l, source } = manifest;
  const because = reasonOf(manifest);
  return html`<div class="verdict ${found}"><p class="stamp">${found.toUpperCase()} – ${DECISION[status]}</p>
${because ? html`<p><strong>${found.toUpperCase()} because ${because}.</strong></p>` : ''}
<p>${MEANING[found]} ${count(l.accepted)} rows ${found === 'fail' ? 'would have been ' : ''}accepted${source.sample ? ' of the bundled sample' : ''}.</p>
${remedy ? html`<p>What to do: ${remedy}</p>` : ''}</div>`;
}

/** Where every record of the file went. */
export function ledger(manifest: RunManifest): Markup {
  const { ledger: l } = manifest;
  const rows: [string, number][] = [
    ['Records in the file', l.recordsIn],
    ['Accepted', l.accepted],
    ['Rejected: no row (field count, quotes)', l.rejectedStructure],
    ['Rejected: breaks an error rule', l.rejectedRule],
    ['Later copies of a key', l.duplicates],
  ];
  const caption = l.balanced
    ? 'Balances: records in = accepted + rejected + copies.'
    : 'Does not balance, or was not finished.';
  return html`<h3>Ledger</h3>${table(
    rollOf(manifest, 'Ledger'),
    ['Rows', { number: 'Count' }, { number: 'Share' }],
    rows.map(([name, n]) => [name, count(n), percent(n, l.recordsIn)]),
    caption,
  )}`;
}

/** What changed since the last good run, and what the target got. */
export function changes(manifest: RunManifest, memory: Memory): Markup {
  return html`<h3>What changed</h3>${sinceBefore(manifest, memory)}${findings(manifest)}${inTarget(manifest)}`;
}

function sinceBefore(manifest: RunManifest, { before, runs }: Memory): Markup {
  const { ledger: l, rowsWithWarning, run, status } = manifest;
  if (!before)
    return html`<p class="soft">This is the first good run that is remembered: there is nothing to compare it with yet.</p>`;
  const rows: [string, number, number][] = [
    ['Records', l.recordsIn, before.records],
    ['Accepted', l.accepted, before.accepted],
    ['Rejected', l.rejectedStructure + l.rejectedRule, before.rejected],
    ['Later copies', l.duplicates, before.duplicates],
    ['With a warning', rowsWithWarning, before.rowsWithWarning],
  ];
  const history = runs.map((one) => ({
    label: one.finishedAt.slice(2, 10),
    rows: one.records,
    good: one.good && !(one.run === run && status === 'stopped'),
  }));
  return html`${table(
    rollOf(manifest, 'Since the last good run'),
    ['', { number: 'Now' }, { number: 'Before' }, { number: 'Change' }, { number: 'In percent' }],
    rows.map(([name, now, then]) => [
      name,
      count(now),
      count(then),
      change(now - then),
      now === then
        ? '±0'
        : `${then === 0 ? '' : now < then ? '−' : '+'}${percent(Math.abs(now - then), then, 1)}`,
    ]),
    `Since the last ${before.published ? 'published' : 'good'} run, of ${minute(before.finishedAt)} UTC (roll year ${before.year}).`,
  )}${history.length > 1 ? html`<figure><figcaption>Records of the last runs${history.some(({ good }) => !good) ? '; stopped ones in red' : ''}</figcaption>${rowHistory(rollOf(manifest, 'Records of the last runs'), history)}</figure>` : ''}`;
}

function findings({ findings: found, baseline }: RunManifest): Markup {
  if (!baseline) return html``;
  const against = `${baseline.runs.length} earlier good ${baseline.runs.length === 1 ? 'run' : 'runs'} of the county and ${baseline.counties} other ${baseline.counties === 1 ? 'county' : 'counties'}`;
  if (baseline.runs.length === 0 && found.length === 0)
    return html`<p class="soft">Compared with ${against}: no baseline yet.</p>`;
  if (found.length === 0)
    return html`<p class="pass">Nothing is outside its band. Compared with ${against}.</p>`;
  return html`<ul class="findings" aria-label="Outside their bands">${found.map(
    ({ level, message }) =>
      html`<li class="${level}"><strong>${level === 'fail' ? 'Far off' : 'Unlike'}</strong> ${message}</li>`,
  )}</ul><p class="soft">Compared with ${against}. What is far off stops a run, unless it is accepted with --accept-outlier.</p>`;
}

function inTarget(manifest: RunManifest): Markup {
  const { changes: c, target } = manifest;
  if (!c) return html`<p class="soft">Nothing was compared with a target.</p>`;
  return table(
    rollOf(manifest, 'Changes in the target'),
    ['Inserted', { number: 'Updated' }, { number: 'Deleted' }, { number: 'Unchanged' }],
    [[count(c.insert), count(c.update), count(c.delete), count(c.unchanged)]],
    `Against what ${target} held before.`,
  );
}

/** What was rejected: reason, file, how often, where to begin looking. */
export function rejects(manifest: RunManifest, { rejects: groups, rejectsPath }: Memory): Markup {
  const { county, ledger: l } = manifest;
  const all = l.rejectedStructure + l.rejectedRule + l.duplicates;
  if (groups === null)
    return html`<h3>Rejects</h3><p class="fail">${rejectsPath} cannot be read: <code>dor ingest ${county}</code> writes it again.</p>`;
  if (groups.length === 0 || all === 0) return html`<h3>Rejects</h3><p class="soft">None.</p>`;
  return html`<h3>Rejects</h3>${table(
    rollOf(manifest, 'Rejects by reason and file'),
    ['Rule', 'Reason', 'File', { number: 'Rows' }, { number: 'First line' }],
    groups.map(({ kind, rule, message, file, rows, firstLine }) => [
      rule,
      kind === 'duplicate' ? 'a later copy of a key' : message,
      html`<code>${file}</code>`,
      count(rows),
      firstLine === null ? '–' : count(firstLine),
    ]),
    html`A row that breaks two rules counts twice here. All of them: <code>dor rejects ${county}</code>`,
  )}`;
}

/** Which bytes, which SQL, which engine. */
export function lineage(manifest: RunManifest): Markup {
  const { source, run, sqlVersion, engine, redaction, routing } = manifest;
  const facts: [string, string][] = [
    ['File', source.file],
    ['Member', source.members.join(' › ') || '–'],
    ['SHA-256', source.sha256 || '–'],
    ['Text', `${source.encoding || '?'}, ${source.newline} line ends, ${count(source.bytes)} bytes`],
    [
      'Submission',
      `${source.stage ?? '?'} ${source.submission ?? ''} ${source.submissionId ?? ''} of ${source.fileDate ?? 'an unknown day'}`,
    ],
    ['Extra columns', source.extraColumns.join(', ') || 'none'],
    ['Run', run],
    ['SQL version', sqlVersion],
    ['Engine', `DuckDB ${engine}, ${routing.mode}, ${routing.threads} threads, ${routing.memoryLimitMb} MB`],
    [
      'Left out',
      `${count(redaction.rows)} confidential rows${redaction.columns.length > 0 ? `; the values of ${redaction.columns.join(', ')}` : ''}`,
    ],
  ];
  return html`<h3>Lineage</h3>${table(
    rollOf(manifest, 'Lineage'),
    ['', 'Value'],
    facts.map(([name, value]) => [name, html`<code>${value}</code>`]),
  )}`;
}

/** Seconds, throughput and memory per step. */
export function times(manifest: RunManifest): Markup {
  const { timings, peakRssMb, routing, source, ledger: l } = manifest;
  const total = timings.reduce((sum, { seconds }) => sum + seconds, 0);
  const speed = total > 0 ? `${(source.bytes / 1e6 / total).toFixed(0)} MB/s` : '–';
  const intro = html`<h3>Time and memory</h3>
<p>${total.toFixed(1)} s, ${speed}, peak memory of the process ${count(peakRssMb)} MB. ${routing.reason}.</p>`;
  if (timings.length === 0) return intro;
  return html`${intro}${table(
    rollOf(manifest, 'Time and memory per step'),
    ['Step', { number: 'Seconds' }, 'Share', { number: 'Rows per second' }, { number: 'Peak so far, MB' }],
    timings.map(({ step, seconds, peakRssMb: peak }) => [
      step,
      seconds.toFixed(2),
      meter(total > 0 ? seconds / total : 0),
      seconds >= 0.005 ? count(Math.round(l.recordsIn / seconds)) : '–',
      peak === undefined ? '–' : count(peak),
    ]),
  )}`;
}
