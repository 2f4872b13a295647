/** A quick chart of a result. The server aggregates over all rows; at most a few thousand points come here, and what is not among them is said below. */

import { useEffect, useRef, useState } from 'react';
import { count } from '../../src/formats.ts';
import { type ChartRequest, loadChart, type ResultInfo } from './api.ts';
import { notesOf, titleOf } from './chartWords.ts';
import { nonce } from './Editor.tsx';
import { isNumber } from './numbers.ts';
import { isTime, type ResultRows } from './rows.ts';

const KINDS: Record<ChartRequest['kind'], string> = {
  bar: 'Bars',
  line: 'Line',
  dot: 'Dots',
  histogram: 'Histogram',
};

/** What fits the columns best. */
function firstGuess({ columns }: ResultInfo): ChartRequest {
  const time = columns.find(({ name, type }) => isTime(type) || (isNumber(type) && /year|month/.test(name)));
  const numbers = columns.filter(
    (column) => isNumber(column.type) && column !== time && !/(^|_)no$/.test(column.name),
  );
  const texts = columns.filter(({ type }) => !isNumber(type) && !isTime(type));
  // Every row of most results has the same county.
  const text = texts.find(({ name }) => name !== 'county') ?? texts[0];
  const y = numbers[0]?.name ?? null;
  if (time && numbers.length > 0 && columns[0] === time)
    return { kind: 'line', x: time.name, y, aggregate: 'sum' };
  if (text && columns.length <= 12) return { kind: 'bar', x: text.name, y, aggregate: 'sum' };
  if (numbers[0]) return { kind: 'histogram', x: numbers[0].name, y: null, aggregate: 'sum' };
  return { kind: 'bar', x: columns[0]!.name, y: null, aggregate: 'sum' };
}

interface Props {
  info: ResultInfo;
  rows: ResultRows;
  onError(error: unknown): void;
}

export function Chart({ info, rows, onError }: Props) {
  const [request, setRequest] = useState(() => firstGuess(info));
  const [caption, setCaption] = useState<{ title: string; notes: string[] } | null>(null);
  const host = useRef<HTMLDivElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again when the result or the request changes, nothing else
  useEffect(() => {
    let stale = false;
    const work = async () => {
      await rows.whole;
      if (stale) return;
      const [{ draw }, answer] = await Promise.all([import('./draw.ts'), loadChart(info.id, request)]);
      if (stale || !host.current) return;
      const figure = draw(request, answer, host.current.clientWidth);
      // Styles count only with the nonce of the page.
      for (const style of figure.querySelectorAll('style')) style.nonce = nonce;
      // The frame around it says what it is; names of its parts have no roles.
      figure.setAttribute('aria-hidden', 'true');
      host.current.replaceChildren(figure);
      const notes = notesOf(request, answer);
      if (info.rows === null) notes.unshift(`Only the first ${count(info.ready)} rows were read.`);
      setCaption({ title: titleOf(request), notes });
    };
    work().catch((error) => {
      if (!stale) onError(error);
    });
    return () => {
      stale = true;
    };
  }, [info, rows, request]);

  const numbers = info.columns.filter(({ type }) => isNumber(type)).map(({ name }) => name);
  const set = (change: Partial<ChartRequest>) => {
    const next = { ...request, ...change };
    // A histogram is of numbers.
    if (next.kind === 'histogram' && !numbers.includes(next.x)) next.x = numbers[0] ?? next.x;
    // A dot has a height of its own.
    if (next.kind === 'dot') next.y ??= numbers[0] ?? null;
    setRequest(next);
  };
  const names = (fits: (type: string) => boolean) =>
    info.columns.filter(({ type }) => fits(type)).map(({ name }) => <option key={name}>{name}</option>);
  return (
    <section className="chart" aria-label="Chart">
      <div className="choices">
        <label>
          Kind{' '}
          <select
            value={request.kind}
            onChange={(event) => set({ kind: event.target.value as ChartRequest['kind'] })}
          >
            {Object.entries(KINDS).map(([kind, title]) => (
              <option
                key={kind}
                value={kind}
                disabled={(kind === 'histogram' || kind === 'dot') && numbers.length === 0}
              >
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          x{' '}
          <select value={request.x} onChange={(event) => set({ x: event.target.value })}>
            {names(request.kind === 'histogram' ? isNumber : () => true)}
          </select>
        </label>
        {request.kind !== 'histogram' && (
          <label>
            y{' '}
            <select value={request.y ?? ''} onChange={(event) => set({ y: event.target.value || null })}>
              {request.kind !== 'dot' && <option value="">number of rows</option>}
              {names(isNumber)}
            </select>
          </label>
        )}
        {request.y !== null && (request.kind === 'bar' || request.kind === 'line') && (
          <label>
            as{' '}
            <select
              value={request.aggregate}
              onChange={(event) => set({ aggregate: event.target.value as ChartRequest['aggregate'] })}
            >
              {['sum', 'avg', 'median', 'min', 'max'].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <figure className="figure">
        {caption && (
          <figcaption aria-live="polite">
            <strong>{caption.title}</strong> {caption.notes.join(' ')}
          </figcaption>
        )}
        <div
          ref={host}
          role="img"
          aria-label={caption ? `${KINDS[request.kind]}: ${caption.title}` : 'Chart'}
        />
      </figure>
    </section>
  );
}
