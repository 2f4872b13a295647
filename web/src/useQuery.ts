/** The running query and its result: one at a time on this page. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { dropQuery, Refused, type ResultInfo, runQuery, waitFor } from './api.ts';
import { type ResultRows, resultRows } from './rows.ts';

export interface QueryState {
  /** `running` until the first rows are there, `reading` until all are. */
  phase: 'idle' | 'running' | 'reading' | 'done' | 'failed';
  info: ResultInfo | null;
  rows: ResultRows | null;
  error: { message: string; remedy: string } | null;
  startedAt: number;
}

const IDLE: QueryState = { phase: 'idle', info: null, rows: null, error: null, startedAt: 0 };

export const errorOf = (error: unknown) =>
  error instanceof Refused
    ? { message: error.message, remedy: error.remedy }
    : { message: String((error as Error).message ?? error), remedy: '' };

export function useQuery() {
  const [state, setState] = useState<QueryState>(IDLE);
  const current = useRef<string | null>(null);

  const forget = useCallback(() => {
    if (current.current) dropQuery(current.current).catch(() => {});
    current.current = null;
  }, []);

  const run = useCallback(
    async (query: string, values: Record<string, string>) => {
      forget();
      const id = crypto.randomUUID();
      current.current = id;
      const wanted = () => current.current === id;
      const set = (change: Partial<QueryState>) => {
        if (wanted()) setState((before) => ({ ...before, ...change }));
      };
      setState({ ...IDLE, phase: 'running', startedAt: Date.now() });
      try {
        const info = await runQuery(id, query, values, wanted);
        const rows = resultRows(info);
        set({ phase: info.rows === null ? 'reading' : 'done', info, rows });
        if (info.rows !== null) return;
        const all = await waitFor(id, wanted);
        rows.complete(all);
        set({ phase: all.error ? 'failed' : 'done', info: all, error: all.error });
      } catch (error) {
        set({ phase: 'failed', error: errorOf(error) });
      }
    },
    [forget],
  );

  const cancel = useCallback(() => {
    forget();
    setState((before) => ({
      ...before,
      phase: 'failed',
      rows: null,
      info: null,
      error: { message: 'The query was cancelled', remedy: '' },
    }));
  }, [forget]);

  const fail = useCallback(
    (error: unknown) => setState((before) => ({ ...before, error: errorOf(error) })),
    [],
  );

  useEffect(() => {
    addEventListener('pagehide', forget);
    return () => removeEventListener('pagehide', forget);
  }, [forget]);

  return { state, run, cancel, fail };
}
