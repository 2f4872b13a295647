/** A quick chart of a result. The server aggregates over all rows; at most a few thousand points come here. */

import { useEffect, useRef, useState } from 'react';
import { type ChartRequest, loadChart, type ResultInfo } from './api.ts';
import { nonce } from './Editor.tsx';
import { isNumber, isTime, type ResultRows } from './rows.ts';

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
  const text = columns.find(({ type }) => !isNumber(type) && !isTime(type));
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
  const [caption, setCaption] = useState('');
  const host = useRef<HTMLDivElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again when the result or the request changes, nothing else
  useEffect(() => {
    let stale = false;
    const work = async () => {
      await rows.whole;
      if (stale) return;
      const [{ draw }, { points, temporal }] = await Promise.all([
        import('./draw.ts'),
        loadChart(info.id, request),
      ]);
      if (stale || !host.current) return;
      const figure = draw(request, points, temporal, host.current.clientWidth);
      // Styles count only with the nonce of the page.
      for (const style of figure.querySelectorAll('style')) style.nonce = nonce;
      host.current.replaceChildren(figure);
      setCaption(`${KINDS[request.kind]} of ${points.length} ${points.length === 1 ? 'point' : 'points'}`);
    };
    work().catch((error) => {
      if (!stale) onError(error);
    });
    return () => {
      stale = true;
    };
  }, [info.id, rows, request]);

  const numbers = info.columns.filter(({ type }) => isNumber(type)).map(({ name }) => name);
  const set = (change: Partial<ChartRequest>) => {
    const next = { ...request, ...change };
    // A histogram is of numbers.
    if (next.kind === 'histogram' && !numbers.includes(next.x)) next.x = numbers[0] ?? next.x;
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
              <option key={kind} value={kind} disabled={kind === 'histogram' && numbers.length === 0}>
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
              <option value="">number of rows</option>
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
      <div className="figure" ref={host} role="img" aria-label={caption} />
    </section>
  );
}
