/** The quality report of a county and year: its rolls one below the other, offline, without a script. */

import { minute } from '../formats.ts';
import type { RunManifest } from '../model.ts';
import { countyByNumber } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { page } from './document.ts';
import { html, type Markup } from './html.ts';
import type { Memory } from './memory.ts';
import { columns, distributions, rules } from './quality.ts';
import { changes, ledger, lineage, rejects, times, verdict } from './sections.ts';

/** A run and what is remembered of its roll. */
export interface Chapter {
  manifest: RunManifest;
  memory: Memory;
  /** Why the parcels' latest sales are not those of the staged sales, else null. */
  stale: string | null;
  /** What is wrong with the staged files, else null. */
  damage: string | null;
}

/** Renders the runs of one county and year. All values of the rolls are escaped. */
export function renderCountyReport(chapters: Chapter[]): string {
  const manifests = chapters.map(({ manifest }) => manifest);
  const { countyNo, county, year } = manifests[0]!;
  const newest = manifests
    .map(({ finishedAt }) => finishedAt)
    .sort()
    .at(-1)!;
  const title = `${countyByNumber(countyNo)?.name ?? county} ${year}: quality of the property rolls`;
  const header = html`<h1>${title}</h1>
<p class="soft">Run of ${minute(newest)} UTC</p>
${manifests.some(({ source }) => source.sample) ? html`<p class="sample">Bundled sample: generated rows, no real parcels.</p>` : ''}
<nav aria-label="Rolls">${manifests.map(
    ({ dataset, verdict: found }) =>
      html`<a href="#${dataset}">${ROLLS[dataset].label} <span class="${found}">${found}</span></a>`,
  )}</nav>`;
  return page(title, header, html`${chapters.map(section)}`);
}

/** In the order in which people ask: may I use it, is it all there, what is new, what is wrong, what is in it, where from. */
function section({ manifest, memory, stale, damage }: Chapter): Markup {
  const { dataset } = manifest;
  return html`<section id="${dataset}" aria-labelledby="${dataset}-title">
<h2 id="${dataset}-title">${ROLLS[dataset].label}</h2>
${verdict(manifest)}
${damage ? html`<p class="fail"><strong>${damage}</strong></p>` : ''}
${stale ? html`<p><strong>${stale}</strong></p>` : ''}
${ledger(manifest)}
${changes(manifest, memory)}
${rules(manifest, memory)}
${rejects(manifest, memory)}
${columns(manifest, memory)}
${distributions(manifest)}
${lineage(manifest)}
${times(manifest)}
</section>`;
}
