/** The quality report of the whole state: the newest run of every county and roll side by side. */

import { count, minute, percent } from '../formats.ts';
import type { RunManifest } from '../model.ts';
import { counties, countyByNumber } from '../reference.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { reasonOf } from '../verdict.ts';
import { brief, namedBars } from './charts.ts';
import { type Cell, page, table } from './document.ts';
import { html, type Markup } from './html.ts';

/** Rules that a table lists. */
const LISTED = 40;
/** Bars of a chart. */
const BARS = 25;

/** The newest run of a partition, and what is wrong with its staged files, else null. */
export type StateRoll = RunManifest & { damage: string | null };

/** Renders the newest run of each partition. */
export function renderStateReport(manifests: StateRoll[]): string {
  const years = [...new Set(manifests.map(({ year }) => year))].sort((a, b) => b - a);
  const title = 'Florida: quality of the property rolls';
  const newest = manifests
    .map(({ finishedAt }) => finishedAt)
    .sort()
    .at(-1)!;
  const samples = manifests.filter(({ source }) => source.sample).length;
  const header = html`<h1>${title}</h1>
<p class="soft">Last run ${minute(newest)} UTC; ${count(new Set(manifests.map(({ county }) => county)).size)} of ${counties().length} counties</p>
${samples > 0 ? html`<p class="sample">${samples} of the runs are of the bundled sample: generated rows, no real parcels.</p>` : ''}
<nav aria-label="Years">${years.map((year) => html`<a href="#y${year}">${year}</a>`)}</nav>`;
  return page(
    title,
    header,
    html`${years.map((year) =>
      yearSection(
        year,
        manifests.filter((one) => one.year === year),
      ),
    )}`,
  );
}

function yearSection(year: number, all: StateRoll[]): Markup {
  const stopped = all.filter(({ verdict }) => verdict === 'fail');
  return html`<section id="y${year}" aria-labelledby="y${year}-title"><h2 id="y${year}-title">${year}</h2>
${totals(all)}
${attention(stopped, all)}
<h3>Counties</h3>${countyTable(year, all)}
${verdicts(year, all)}
${rollCharts(all)}
${ruleTable(all)}
</section>`;
}

function totals(all: RunManifest[]): Markup {
  const rows = DATASETS.map((dataset) => all.filter((one) => one.dataset === dataset)).filter(
    (some) => some.length > 0,
  );
  const sum = (some: RunManifest[], of: (one: RunManifest) => number) =>
    some.filter(({ verdict }) => verdict !== 'fail').reduce((total, one) => total + of(one), 0);
  return html`<h3>Ledger</h3>${table(
    `Ledger of the state in ${all[0]!.year}`,
    [
      'Roll',
      { number: 'Counties' },
      { number: 'Records' },
      { number: 'Accepted' },
      { number: 'Rejected' },
      { number: 'Copies' },
      { number: 'Pass' },
      { number: 'Warn' },
      { number: 'Fail' },
    ],
    rows.map((some) => [
      ROLLS[some[0]!.dataset].label,
      count(some.length),
      count(sum(some, ({ ledger }) => ledger.recordsIn)),
      count(sum(some, ({ ledger }) => ledger.accepted)),
      count(sum(some, ({ ledger }) => ledger.rejectedStructure + ledger.rejectedRule)),
      count(sum(some, ({ ledger }) => ledger.duplicates)),
      ...(['pass', 'warn', 'fail'] as const).map((verdict) =>
        count(some.filter((one) => one.verdict === verdict).length),
      ),
    ]),
    all.every(({ ledger, verdict }) => ledger.balanced || verdict === 'fail')
      ? 'The ledger of every run that was not stopped balances; rows of stopped runs are not counted.'
      : 'The ledger of a run does not balance.',
  )}`;
}

/** What stopped and what is outside its band, first. */
function attention(stopped: StateRoll[], all: StateRoll[]): Markup {
  const found = all.flatMap((one) => one.findings.map((finding) => ({ ...finding, one })));
  const damaged = all.filter(({ damage }) => damage !== null);
  if (stopped.length + found.length + damaged.length === 0)
    return html`<h3>What needs a look</h3><p class="pass">No run was stopped, nothing is outside its band, and no staged file is damaged.</p>`;
  return html`<h3>What needs a look</h3><ul class="findings">${damaged.map(
    (one) =>
      html`<li class="fail"><strong>${link(one)} ${one.dataset.toUpperCase()}</strong> ${one.damage}</li>`,
  )}${stopped.map(
    (one) =>
      html`<li class="fail"><strong>${link(one)} ${one.dataset.toUpperCase()}</strong> ${one.reason}</li>`,
  )}${found
    .filter(({ one }) => !stopped.includes(one))
    .slice(0, 60)
    .map(
      ({ level, message, one }) =>
        html`<li class="${level}"><strong>${link(one)} ${one.dataset.toUpperCase()}</strong> ${message}</li>`,
    )}</ul>`;
}

const nameOf = ({ countyNo, county }: RunManifest) => countyByNumber(countyNo)?.name ?? county;
const link = (one: RunManifest) => html`<a href="${one.county}-${one.year}.html">${nameOf(one)}</a>`;

function countyTable(year: number, all: RunManifest[]): Markup {
  const names = [...new Set(all.map(({ county }) => county))].sort();
  const cells = (one: RunManifest | undefined): Cell[] =>
    one
      ? [
          html`<span class="${one.verdict}">${one.verdict}</span>`,
          count(one.ledger.accepted),
          percent(one.ledger.recordsIn - one.ledger.accepted, one.ledger.recordsIn),
        ]
      : ['–', '–', '–'];
  return table(
    `Counties in ${year}`,
    [
      'County',
      ...DATASETS.flatMap((dataset) => [dataset.toUpperCase(), { number: 'Rows' }, { number: 'Rejected' }]),
      'Last run',
    ],
    names.map((name) => {
      const own = all.filter(({ county }) => county === name);
      return [
        link(own[0]!),
        ...DATASETS.flatMap((dataset) => cells(own.find((one) => one.dataset === dataset))),
        minute(
          own
            .map(({ finishedAt }) => finishedAt)
            .sort()
            .at(-1)!,
        ),
      ];
    }),
  );
}

/** Why a roll is not simply fine. */
function verdicts(year: number, all: RunManifest[]): Markup {
  const some = all
    .filter(({ verdict }) => verdict !== 'pass')
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b))));
  if (some.length === 0) return html``;
  return html`<h3>Verdicts and their reasons</h3>${table(
    `Verdicts and their reasons in ${year}`,
    ['County', 'Roll', 'Verdict', 'Because'],
    some.map((one) => [
      link(one),
      one.dataset.toUpperCase(),
      html`<span class="${one.verdict}">${one.verdict}</span>`,
      reasonOf(one) ?? '–',
    ]),
  )}`;
}

function rollCharts(all: RunManifest[]): Markup {
  return html`<h3>Rows per county</h3><div class="charts">${DATASETS.map((dataset) => {
    const some = all
      .filter((one) => one.dataset === dataset && one.verdict !== 'fail')
      .sort((a, b) => b.ledger.accepted - a.ledger.accepted);
    if (some.length === 0) return html``;
    const values = some.slice(0, BARS).map((one): [string, number] => [nameOf(one), one.ledger.accepted]);
    const label = `${ROLLS[dataset].label}, ${some[0]!.year}: rows per county; the largest is ${values[0]![0]} with ${count(values[0]![1])}`;
    return html`<figure><figcaption>${ROLLS[dataset].label}${some.length > BARS ? `, the ${BARS} largest` : ''}</figcaption>${namedBars(values, label, brief)}</figure>`;
  })}</div>`;
}

/** Rules by how many counties break them. */
function ruleTable(all: RunManifest[]): Markup {
  const byRule = new Map<string, { message: string; severity: string; shares: [RunManifest, number][] }>();
  for (const one of all)
    for (const { id, message, severity, rows, of } of one.rules) {
      if (!rows) continue;
      const entry = byRule.get(id) ?? { message, severity, shares: [] };
      entry.shares.push([one, rows / (of?.rows ?? one.ledger.recordsIn)]);
      byRule.set(id, entry);
    }
  const sorted = [...byRule].sort(([, a], [, b]) => b.shares.length - a.shares.length).slice(0, LISTED);
  if (sorted.length === 0) return html``;
  return html`<h3>Rules</h3>${table(
    `Rules by counties that break them in ${all[0]!.year}`,
    [
      'Rule',
      'Severity',
      'Meaning',
      { number: 'Counties' },
      { number: 'Median share' },
      { number: 'Highest' },
      'Where',
    ],
    sorted.map(([id, { message, severity, shares }]) => {
      const ranked = [...shares].sort((a, b) => b[1] - a[1]);
      return [
        id,
        html`<span class="${severity === 'error' ? 'fail' : 'warn'}">${severity}</span>`,
        message,
        count(shares.length),
        percent(ranked[Math.floor(ranked.length / 2)]![1], 1),
        percent(ranked[0]![1], 1),
        link(ranked[0]![0]),
      ];
    }),
  )}`;
}
