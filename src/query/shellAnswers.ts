/** What the shell answers to a query, and the state that says how. */

import { explain } from '../errors.ts';
import type { Values } from './parameters.ts';
import { type Format, isBinary } from './runQuery.ts';
import type { Asked } from './worker.ts';

/** What dot-commands change. */
export interface ShellState {
  /** Asks in a query process, which writes the answer to the terminal or the file. Ctrl-C ends it. */
  ask: (
    question: Pick<Asked, 'query' | 'values' | 'format' | 'output' | 'limit'>,
  ) => Promise<{ rows: number; cut: boolean }>;
  /** Names of the tables. */
  tables: () => Promise<string[]>;
  format: Format;
  /** Rows at most; undefined for what each format shows of itself. */
  limit: number | undefined;
  timer: boolean;
  /** File that answers go to; null for the terminal. */
  output: string | null;
  /** True after .quit. */
  ended: boolean;
}

/** Asks, and says how many rows there were. @throws DorError when the query fails. */
export async function answer(state: ShellState, query: string, values: Values = {}): Promise<void> {
  const { format, limit, output } = state;
  const started = performance.now();
  const { rows, cut } = await state.ask({
    query,
    values,
    format: isBinary(format) && !output ? 'table' : format,
    output,
    limit,
  });
  if (output) process.stderr.write(`written to ${output}\n`);
  const shown = cut ? `the first ${rows} rows, more with .limit` : `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  const time = state.timer ? ` in ${((performance.now() - started) / 1000).toFixed(2)} s` : '';
  process.stderr.write(`${shown}${time}\n`);
}

/** What fails is told, and the shell goes on. */
export async function orTold(work: Promise<void>): Promise<void> {
  await work.catch((error) => void process.stderr.write(`${explain(error)}\n`));
}
