/** A chart in words: what it shows, and what of the rows it does not show. Nothing is left out without a sentence here. */

import type { ChartAnswer, ChartRequest } from '../../src/explore/requests.ts';
import { count } from '../../src/formats.ts';

const things = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`;

/** What goes up: of a bar, a line, a dot. */
export const upOf = ({ kind, y, aggregate }: ChartRequest): string => {
  if (y === null || kind === 'histogram') return 'number of rows';
  return kind === 'dot' ? y : `${aggregate} of ${y}`;
};

export function titleOf(request: ChartRequest): string {
  const { kind, x } = request;
  if (kind === 'histogram') return `How many rows have which ${x}`;
  return `${upOf(request)}${kind === 'dot' ? ' and' : ' by'} ${x}`;
}

export function notesOf(request: ChartRequest, answer: ChartAnswer): string[] {
  const { x, y } = request;
  const drawn = answer.points.filter(isDrawn);
  const notes = [shownOf(request, answer)];
  const valueless = answer.points.length - drawn.length;
  if (valueless > 0)
    notes.push(`${count(valueless)} of the shown ${valueless === 1 ? 'has' : 'have'} no ${upOf(request)}.`);
  const without = answer.rows - answer.counted;
  if (without > 0) {
    const what = request.kind === 'dot' && y !== null && y !== x ? `${x} or no ${y}` : x;
    notes.push(`${things(without, 'row')} left out: no ${what}.`);
  }
  if (answer.cut) notes.push('Labels are cut after 200 characters; those that are the same so far are one.');
  return notes;
}

/** A point whose value is a number; a sum of nothing is none. */
export const isDrawn = ([, value]: ChartAnswer['points'][number]): boolean =>
  value !== null && Number.isFinite(Number(value));

function shownOf(request: ChartRequest, answer: ChartAnswer): string {
  const { kind, x } = request;
  const { points, places } = answer;
  if (points.length === 0) return 'There is nothing to draw.';
  if (kind === 'histogram') return histogramShown(request, answer);
  const what = kind === 'dot' ? 'rows' : '';
  const of = [count(points.length), 'of', count(places), what, 'shown'].filter(Boolean).join(' ');
  if (points.length >= places)
    return places === 1 ? `The only ${kind} is shown.` : `All ${count(places)} shown.`;
  switch (kind) {
    case 'bar':
      return `${of}, those with the largest ${upOf(request)}; ${othersOf(request, answer)}.`;
    case 'line':
      return `${of}: every ${ordinal(Math.ceil(places / (points.length || 1)))} in the order of ${x}; the others are not drawn.`;
    default:
      return `${of}: a random sample, in which outliers may be missing.`;
  }
}

/** The bars that are not drawn. */
function othersOf({ y, aggregate }: ChartRequest, { points, places, counted, total }: ChartAnswer): string {
  const others = places - points.length;
  const rows = counted - points.reduce((sum, point) => sum + Number(point[2]), 0);
  const be = others === 1 ? 'the other one has' : `the other ${count(others)} have`;
  const part = `${be} ${count(rows)} of ${things(counted, 'row')}`;
  if (y === null || aggregate !== 'sum') return part;
  const value = total - points.reduce((sum, point) => sum + Number(point[1] ?? 0), 0);
  return `${part} and a sum of ${rounded(value)}`;
}

function histogramShown({ x }: ChartRequest, { points, counted, below, above }: ChartAnswer): string {
  const outside = below + above;
  if (outside === 0) return `All ${things(counted, 'row')} with a ${x} shown.`;
  const [low, high] = [points[0]![0], points.at(-1)![1]];
  const ends = [
    below > 0 ? `${count(below)} below ${rounded(Number(low))}` : '',
    above > 0 ? `${count(above)} from ${rounded(Number(high))} on` : '',
  ].filter(Boolean);
  return `${count(counted - outside)} of ${things(counted, 'row')} shown; the others are the ends: ${ends.join(', ')}.`;
}

/** Whole where it is large: a sum of doubles has a tail. */
const rounded = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 4 });

function ordinal(of: number): string {
  const words: Record<number, string> = { 2: 'second', 3: 'third' };
  return words[of] ?? `${count(of)}th`;
}
