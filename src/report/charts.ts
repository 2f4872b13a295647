/** Charts as SVG text, by Observable Plot in a DOM of its own: no script is needed to see them. */

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom/worker';
import { count } from '../formats.ts';
import type { Distribution } from '../model.ts';
import { html, type Markup, raw } from './html.ts';

/** What of an element is used here; the types of a browser are not those of a command line. */
interface ParsedElement {
  outerHTML: string;
  querySelectorAll(selector: string): Iterable<ParsedElement>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Widths in px fit a phone, so that text keeps its size there. */
const WIDTH = 340;
const SMALL = { width: 110, height: 26, margin: 1, axis: null };

/** Colours come from the page's style, so that light and dark need one picture only. */
const BAR = 'var(--bar)';

const HERE = '\u{f0000}';

/** Renders a plot. `label` is read to those who do not see it. */
function render(options: Plot.PlotOptions, label: string): Markup {
  const svg = Plot.plot({ ...options, document } as Plot.PlotOptions) as unknown as ParsedElement;
  for (const style of svg.querySelectorAll('style')) style.remove();
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', HERE);
  svg.setAttribute('class', 'chart');
  for (const name of ['font-family', 'font-size', 'text-anchor', 'fill', 'xmlns', 'xmlns:xlink'])
    svg.removeAttribute(name);
  // Parts of a picture that is read as one are not read one by one.
  for (const part of svg.querySelectorAll('g[aria-label]')) part.removeAttribute('aria-label');
  const text = svg.outerHTML.replace(/(\d+\.\d{2})\d+/g, '$1');
  // Escaped by us: the label may hold what a roll holds.
  return raw(text.replace(HERE, () => html`${label}`.text));
}

/** A number as an axis writes it: 900, 3.2k, 1M. */
export function brief(value: number): string {
  const size = Math.abs(value);
  const step = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ].find(([from]) => size >= 0.9995 * (from as number)) as [number, string] | undefined;
  const [unit, suffix] = step ?? [1, ''];
  return `${Number((value / unit).toPrecision(size >= 100 * unit ? 3 : 2))}${suffix}`;
}

/** One of the distributions that people look at first. */
export function distributionChart({ title, kind, unit, bins }: Distribution): Markup {
  const total = bins.reduce((sum, { rows }) => sum + rows, 0);
  const most = [...bins].sort((a, b) => b.rows - a.rows)[0]!;
  const name = most.label ?? `${brief(most.low!)} to ${brief(most.high!)}`;
  const label = `${title}: ${bins.length} bars; the largest is ${name} with ${count(most.rows)} of ${count(total)}`;
  if (kind === 'bars') return bars(bins, label);
  if (unit === 'year') return years(bins, label);
  const points = bins.map(({ label: month, low, rows }) => ({ x: month ?? brief(low!), rows }));
  const every = Math.ceil(points.length / 9);
  return render(
    {
      width: WIDTH,
      height: 190,
      marginLeft: 44,
      x: {
        label: unit === null ? null : `${unit}, from`,
        domain: points.map(({ x }) => x),
        tickFormat: (x: string, index: number) => (index % every === 0 ? x : ''),
        tickSize: 0,
        tickRotate: kind === 'months' ? -30 : 0,
      },
      y: { label: 'rows', grid: true, tickFormat: brief, ticks: 5 },
      marginBottom: kind === 'months' ? 44 : 34,
      marks: [Plot.barY(points, { x: 'x', y: 'rows', fill: BAR }), Plot.ruleY([0])],
    },
    label,
  );
}

function years(bins: Distribution['bins'], label: string): Markup {
  return render(
    {
      width: WIDTH,
      height: 190,
      marginLeft: 44,
      x: { label: 'year', tickFormat: (year: number) => String(year), ticks: 6 },
      y: { label: 'rows', grid: true, tickFormat: brief, ticks: 5 },
      marks: [
        Plot.rectY(
          bins.filter(({ low }) => low! >= 1900),
          { x1: 'low', x2: 'high', y: 'rows', fill: BAR, insetLeft: 0.5, insetRight: 0.5 },
        ),
        Plot.ruleY([0]),
      ],
    },
    label,
  );
}

/** Horizontal bars with their names at the left and their counts at the end. */
function bars(bins: { label: string | null; rows: number }[], label: string, format = brief): Markup {
  const rows = bins.map((bin) => ({ name: shorten(bin.label ?? ''), rows: bin.rows }));
  return render(
    {
      width: WIDTH,
      height: 24 + 17 * rows.length,
      marginLeft: 132,
      marginRight: 44,
      marginTop: 4,
      marginBottom: 4,
      x: { axis: null },
      y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
      marks: [
        Plot.barX(rows, { x: 'rows', y: 'name', fill: BAR }),
        Plot.text(rows, {
          x: 'rows',
          y: 'name',
          text: (row: { rows: number }) => format(row.rows),
          textAnchor: 'start',
          dx: 4,
          fill: 'currentColor',
        }),
      ],
    },
    label,
  );
}

/** Bars of any named numbers, for the page of the state. */
export const namedBars = (values: [string, number][], label: string, format = brief): Markup =>
  bars(
    values.map(([name, rows]) => ({ label: name, rows })),
    label,
    format,
  );

const shorten = (text: string) => (text.length > 21 ? `${text.slice(0, 20)}…` : text);

/** The small histogram of a column. */
export function smallHistogram(
  name: string,
  histogram: { low: number; high: number; bins: number[] },
): Markup {
  const { low, high, bins } = histogram;
  const points = bins.map((rows, index) => ({ from: index, to: index + 1, rows }));
  return render(
    {
      ...SMALL,
      marks: [
        Plot.rectY(points, { x1: 'from', x2: 'to', y: 'rows', fill: BAR, insetLeft: 0.5, insetRight: 0.5 }),
      ],
    },
    `Histogram of ${name}, ${brief(low)} to ${brief(high)}`,
  );
}

/** A line through the last runs, oldest first. */
export function trend(label: string, values: number[], range: [number, number]): Markup {
  const points = values.map((value, index) => ({ index, value }));
  return render(
    {
      ...SMALL,
      width: 80,
      margin: 3,
      y: { domain: range },
      marks: [
        Plot.lineY(points, { x: 'index', y: 'value', stroke: BAR, strokeWidth: 1.5 }),
        Plot.dot(points.slice(-1), { x: 'index', y: 'value', fill: BAR, r: 2.5 }),
      ],
    },
    label,
  );
}

/** Row counts of the last runs; the run at hand is marked when it fell out of its band. */
export function rowHistory(title: string, runs: { label: string; rows: number; good: boolean }[]): Markup {
  const last = runs.at(-1)!;
  return render(
    {
      width: WIDTH,
      height: 170,
      marginLeft: 44,
      marginBottom: 44,
      x: {
        label: null,
        domain: runs.map((_, index) => index),
        tickFormat: (index: number) => runs[index]!.label,
        tickSize: 0,
        tickRotate: -30,
      },
      y: { label: 'rows', grid: true, tickFormat: brief, ticks: 4 },
      marks: [
        Plot.barY(runs, {
          x: (_: unknown, index: number) => index,
          y: 'rows',
          fill: (run: { good: boolean }) => (run.good ? 'var(--bar)' : 'var(--bad)'),
        }),
        Plot.ruleY([0]),
      ],
      color: { type: 'identity' },
    },
    `${title}: ${runs.length}; the newest has ${count(last.rows)}${last.good ? '' : ' and was stopped'}`,
  );
}
