/** The quality report of a run: one HTML page for a county and year, offline, without a script. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunManifest } from '../model.ts';
import { countyByNumber } from '../reference.ts';
import { html, type Markup, raw } from './html.ts';
import { changes, columns, count, ledger, lineage, rules, times } from './sections.ts';

const STYLE = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');

const MEANING = {
  pass: 'Clean: nothing was rejected and no rule is broken by more than 1 % of the rows.',
  warn: 'Usable: something was rejected, or a warning rule is broken by more than 1 % of the rows.',
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

const NAMES = { nal: 'Real property (NAL)', sdf: 'Sales (SDF)', nap: 'Tangible personal property (NAP)' };

/** Renders the manifests of one county and year. All values of the rolls are escaped. */
export function renderRunReport(manifests: RunManifest[]): string {
  const { countyNo, county, year, finishedAt } = manifests[0]!;
  const title = `${countyByNumber(countyNo)?.name ?? county} ${year}: quality of the property rolls`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="soft">Run of ${finishedAt.slice(0, 16).replace('T', ' ')} UTC</p>
${manifests.some(({ source }) => source.sample) ? html`<p class="sample">Bundled sample: generated rows, no real parcels.</p>` : ''}
<nav aria-label="Rolls">${manifests.map(({ dataset }) => html`<a href="#${dataset}">${NAMES[dataset]}</a>`)}</nav>
</header>
<main>
${manifests.map(section)}
</main>
</body>
</html>
`;
  return page.text;
}

function section(manifest: RunManifest): Markup {
  const { dataset, verdict, status, reason, remedy } = manifest;
  return html`<section id="${dataset}" aria-labelledby="${dataset}-title">
<h2 id="${dataset}-title">${NAMES[dataset]}</h2>
<p class="verdict ${verdict}">${verdict.toUpperCase()} – ${DECISION[status]}</p>
<p>${MEANING[verdict]} ${count(manifest.ledger.accepted)} rows accepted.</p>
${reason ? html`<p class="fail">${reason}</p>` : ''}${remedy ? html`<p>What to do: ${remedy}</p>` : ''}
${ledger(manifest)}
${changes(manifest)}
${rules(manifest)}
${columns(manifest)}
${lineage(manifest)}
${times(manifest)}
</section>`;
}
