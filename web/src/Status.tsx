/** Says what is going on; read out when it changes. */

import { useEffect, useState } from 'react';
import { count } from '../../src/formats.ts';
import type { QueryState } from './useQuery.ts';

interface Props {
  state: QueryState;
  /** What else there is to say of the result. */
  told: string;
}

export function Status({ state, told }: Props) {
  const [now, setNow] = useState(0);
  const waiting = state.phase === 'running' || state.phase === 'reading';
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [waiting]);
  const { phase, startedAt, step, results, shown } = state;
  const info = results[shown]?.info;
  const seconds = Math.max(0, (now - startedAt) / 1000).toFixed(1);
  const rowsOf = (rows: number) => `${count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
  const of = step.of > 1 ? `${step.at} of ${step.of}: ` : '';
  return (
    <p className="status" role="status">
      {phase === 'running' && (
        <span className="busy">
          {of}running … {seconds} s{results.length >= step.at && '; below are the rows of before'}
        </span>
      )}
      {phase === 'reading' && (
        <span className="busy">
          {of}the first {rowsOf(info!.ready)}; reading all … {seconds} s
        </span>
      )}
      {!waiting && info && info.rows === null && `the first ${rowsOf(info.ready)} only`}
      {phase === 'done' && info?.rows != null && `${rowsOf(info.rows)} in ${info.seconds.toFixed(2)} s`}
      {!waiting && told && ` · ${told}`}
    </p>
  );
}
