/** Drawing with Observable Plot; loaded with the first chart. */

import * as Plot from '@observablehq/plot';
import type { ChartAnswer, ChartRequest } from './api.ts';
import { isDrawn, upOf } from './chartWords.ts';
import { isQuantity } from './numbers.ts';

const LINE = { fill: 'var(--accent)' };

/** One figure. Time is drawn as UTC: a month must not begin in the one before because of where the browser is. */
export function draw(request: ChartRequest, answer: ChartAnswer, width: number) {
  const options = { width: Math.max(280, width), style: { background: 'none', fontSize: '12px' } };
  if (request.kind === 'bar') return Plot.plot({ ...options, ...bars(request, answer) });
  if (request.kind === 'histogram') return Plot.plot({ ...options, ...bins(request, answer) });
  const places = answer.points.filter(isDrawn).map(([a, b]) => ({ a: placeOf(a!, answer), b: Number(b) }));
  const up = { label: upOf(request), grid: true, tickFormat: '~s' };
  const marks =
    request.kind === 'line'
      ? [
          Plot.lineY(places, { x: 'a', y: 'b', stroke: 'var(--accent)', strokeWidth: 2, tip: true }),
          Plot.dot(places, { x: 'a', y: 'b', r: 2.5, ...LINE }),
        ]
      : [Plot.dot(places, { x: 'a', y: 'b', r: 2, stroke: 'var(--accent)', strokeOpacity: 0.5, tip: true })];
  return Plot.plot({ ...options, marginLeft: 60, x: across(request, answer), y: up, marks });
}

const placeOf = (value: string | number, { across }: ChartAnswer) =>
  across === 'time' ? new Date(Number(value)) : across === 'number' ? Number(value) : String(value);

function across({ x }: ChartRequest, answer: ChartAnswer): Plot.ScaleOptions {
  if (answer.across === 'time') return { label: x, type: 'utc' };
  if (answer.across === 'label') return { label: x, type: 'point' };
  // 2.02k is no year.
  return { label: x, tickFormat: isQuantity(x, 'DOUBLE') ? '~s' : (value: number) => String(value) };
}

function bars(request: ChartRequest, answer: ChartAnswer): Plot.PlotOptions {
  const data = answer.points
    .filter(isDrawn)
    .map(([a, b]) => ({ a: a === null ? NOTHING : String(a), b: Number(b) }));
  const longest = Math.max(...data.map(({ a }) => a.length), 4);
  return {
    marginLeft: Math.min(220, 14 + longest * 7),
    marginRight: 30,
    x: { label: upOf(request), grid: true, tickFormat: '~s' },
    y: { label: null, tickFormat: (text: string) => (text.length > 28 ? `${text.slice(0, 27)}…` : text) },
    marks: [Plot.barX(data, { x: 'b', y: 'a', ...LINE, sort: { y: '-x' }, tip: true }), Plot.ruleX([0])],
  };
}

/** A word of its own, so that no text of the data is the same bar. */
const NOTHING = 'null (no value)';

function bins({ x }: ChartRequest, { points }: ChartAnswer): Plot.PlotOptions {
  const data = points.map(([low, high, rows]) => ({
    low: Number(low),
    high: Number(high),
    rows: Number(rows),
  }));
  return {
    marginLeft: 60,
    x: { label: x, tickFormat: isQuantity(x, 'DOUBLE') ? '~s' : (value: number) => String(value) },
    y: { label: 'rows', grid: true, tickFormat: '~s' },
    marks: [
      Plot.rectY(data, { x1: 'low', x2: 'high', y: 'rows', ...LINE, inset: 0.5, tip: true }),
      Plot.ruleY([0]),
    ],
  };
}
