/** Drawing with Observable Plot; loaded with the first chart. */

import * as Plot from '@observablehq/plot';
import type { ChartRequest } from './api.ts';

type Point = (string | number | null)[];

/** One figure. Numbers come as JSON, wide ones as text; times as ISO text. */
export function draw(request: ChartRequest, points: Point[], temporal: boolean, width: number) {
  const { kind, x, y, aggregate } = request;
  const up = y === null ? 'rows' : kind === 'bar' || kind === 'line' ? `${aggregate} of ${y}` : y;
  const options = { width: Math.max(280, width), style: { background: 'none', fontSize: '12px' } };
  const data = points.map(([a, b]) => ({ a: temporal ? new Date(String(a)) : a, b: Number(b) }));
  switch (kind) {
    case 'bar': {
      const bars = data.map(({ a, b }) => ({ a: a ?? 'null', b }));
      const longest = Math.max(...bars.map(({ a }) => String(a).length), 4);
      return Plot.plot({
        ...options,
        marginLeft: Math.min(220, 14 + longest * 7),
        marginRight: 30,
        x: { label: up, grid: true, tickFormat: '~s' },
        y: {
          label: null,
          tickFormat: (text) => (String(text).length > 28 ? `${String(text).slice(0, 27)}…` : text),
        },
        marks: [
          Plot.barX(bars, { x: 'b', y: 'a', fill: 'var(--accent)', sort: { y: '-x' }, tip: true }),
          Plot.ruleX([0]),
        ],
      });
    }
    case 'line': {
      const places = data.map(({ a, b }) => ({ a: temporal || Number.isNaN(Number(a)) ? a : Number(a), b }));
      return Plot.plot({
        ...options,
        marginLeft: 60,
        x: { label: x, ...(/year/.test(x) ? { tickFormat: (value) => String(value) } : {}) },
        y: { label: up, grid: true, tickFormat: '~s' },
        marks: [
          Plot.lineY(places, { x: 'a', y: 'b', stroke: 'var(--accent)', strokeWidth: 2, tip: true }),
          Plot.dot(places, { x: 'a', y: 'b', r: 2.5, fill: 'var(--accent)' }),
        ],
      });
    }
    case 'dot': {
      const places = data.map(({ a, b }) => ({ a: temporal || Number.isNaN(Number(a)) ? a : Number(a), b }));
      return Plot.plot({
        ...options,
        marginLeft: 60,
        x: { label: x, tickFormat: temporal ? undefined : '~s' },
        y: { label: up, grid: true, tickFormat: '~s' },
        marks: [
          Plot.dot(places, { x: 'a', y: 'b', r: 2, stroke: 'var(--accent)', strokeOpacity: 0.5, tip: true }),
        ],
      });
    }
    case 'histogram': {
      const bins = points.map(([low, high, rows]) => ({
        low: Number(low),
        high: Number(high),
        rows: Number(rows),
      }));
      return Plot.plot({
        ...options,
        marginLeft: 60,
        x: { label: x, tickFormat: '~s' },
        y: { label: 'rows', grid: true, tickFormat: '~s' },
        marks: [
          Plot.rectY(bins, {
            x1: 'low',
            x2: 'high',
            y: 'rows',
            fill: 'var(--accent)',
            inset: 0.5,
            tip: true,
          }),
          Plot.ruleY([0]),
        ],
      });
    }
  }
}
