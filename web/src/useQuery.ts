/** The running query and what came out: one run at a time on this page, of one statement or of several. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { offsetOf, placeAt, placeIn } from '../../src/query/place.ts';
import { dropQuery, Refused, type ResultInfo, runQuery, stopQuery, waitFor } from './api.ts';
import { parametersOf } from './parameters.ts';
import { type ResultRows, resultRows } from './rows.ts';
import type { Statement } from './statements.ts';

/** A result on the page. */
export interface Shown {
  info: ResultInfo;
  rows: ResultRows;
  statement: Statement;
}

export interface Failure {
  message: string;
  remedy: string;
  /** Where in the editor's text; null where nobody knows. */
  at: number | null;
}

export interface QueryState {
  /** `running` until the first rows are there, `reading` until all are. */
  phase: 'idle' | 'running' | 'reading' | 'done' | 'failed';
  /** Of the statements that were run, or, until the first rows are there, of the run before. */
  results: Shown[];
  /** Which of them is looked at. */
  shown: number;
  /** Which statement runs, from 1, and of how many. */
  step: { at: number; of: number };
  error: Failure | null;
  startedAt: number;
}

const IDLE: QueryState = {
  phase: 'idle',
  results: [],
  shown: 0,
  step: { at: 1, of: 1 },
  error: null,
  startedAt: 0,
};

export function errorOf(error: unknown): Failure {
  const remedy = error instanceof Refused ? error.remedy : '';
  return { message: String((error as Error).message ?? error), remedy, at: null };
}

/** What is wrong, by the lines of the editor. `text`: all that stands in it. */
export function failureIn(error: unknown, { text: query, from }: Statement, text: string): Failure {
  const failure = errorOf(error);
  const found = placeIn(failure.message);
  if (!found) return failure;
  const at = from + offsetOf(query, found.place);
  const { line, column } = placeAt(text, at);
  return { ...failure, message: `The query failed at line ${line}, column ${column}: ${found.rest}`, at };
}

export function useQuery() {
  const [state, setState] = useState<QueryState>(IDLE);
  /** The query that the server is at work on, and whether its first rows are there. */
  const current = useRef<{ id: string; reading: boolean } | null>(null);
  /** Results that the server keeps for this page. */
  const kept = useRef<string[]>([]);

  const drop = useCallback((ids: string[]) => {
    for (const id of ids) dropQuery(id).catch(() => {});
  }, []);

  const run = useCallback(
    async (statements: Statement[], text: string, given: Record<string, string>) => {
      const before = kept.current;
      if (current.current) drop([current.current.id]);
      const done: Shown[] = [];
      setState((old) => ({ ...old, phase: 'running', error: null, startedAt: Date.now() }));
      for (const [index, statement] of statements.entries()) {
        const mine = { id: crypto.randomUUID(), reading: false };
        current.current = mine;
        const wanted = () => current.current === mine;
        const set = (change: Partial<QueryState>) => {
          if (wanted()) setState((old) => ({ ...old, ...change }));
        };
        set({ phase: 'running', step: { at: index + 1, of: statements.length } });
        const parameters = parametersOf(statement.text);
        const values = Object.fromEntries(parameters.map(({ name, value }) => [name, given[name] ?? value]));
        try {
          const info = await runQuery(mine.id, statement.text, values, wanted);
          if (!wanted()) return;
          const one: Shown = { info, rows: resultRows(info), statement };
          if (index === 0) drop(before);
          done.push(one);
          kept.current = done.map((each) => each.info.id);
          mine.reading = info.rows === null;
          set({ phase: mine.reading ? 'reading' : 'done', results: [...done], shown: index });
          if (info.rows !== null) continue;
          const all = await waitFor(mine.id, wanted);
          one.rows.complete(all);
          done[index] = { ...one, info: all };
          set({ results: [...done] });
          if (all.error) throw new Refused(all.error.message, all.error.remedy);
        } catch (error) {
          if (!wanted()) return;
          if (index === 0 && done.length === 0) drop(kept.current.splice(0));
          set({ phase: 'failed', results: [...done], error: failureIn(error, statement, text) });
          current.current = null;
          return;
        }
      }
      setState((old) => ({ ...old, phase: 'done' }));
      current.current = null;
    },
    [drop],
  );

  /** Rows that are there stay: the first ones of this query, else those of the one before. */
  const cancel = useCallback(() => {
    const { id, reading } = current.current ?? {};
    if (!id) return;
    if (reading) return void stopQuery(id).catch(() => {});
    drop([id]);
    current.current = null;
    setState((old) => ({
      ...old,
      phase: 'failed',
      error: {
        message: 'The query was cancelled',
        remedy: old.results.length > 0 ? 'The rows below are those of before.' : '',
        at: null,
      },
    }));
  }, [drop]);

  const show = useCallback((shown: number) => setState((old) => ({ ...old, shown })), []);
  const fail = useCallback((error: unknown) => setState((old) => ({ ...old, error: errorOf(error) })), []);

  useEffect(() => {
    const leave = () => drop([...kept.current, ...(current.current ? [current.current.id] : [])]);
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [drop]);

  return { state, run, cancel, show, fail };
}
