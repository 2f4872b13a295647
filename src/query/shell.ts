/** `dor sql` without a query: a shell on the terminal. Statements end with a semicolon; commands begin with a dot. */

import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { explain } from '../errors.ts';
import { createCompleter } from './completion.ts';
import { type Lake, openLake } from './lakeViews.ts';
import { ask, type Format } from './runQuery.ts';
import { runDotCommand } from './shellCommands.ts';
import { endOfStatement } from './statements.ts';

/** What dot-commands change. */
export interface ShellState {
  lake: Lake;
  format: Format;
  limit: number;
  timer: boolean;
  /** File that answers go to; null for the terminal. */
  output: string | null;
  /** True after .quit. */
  ended: boolean;
}

interface ShellOptions {
  lake: string;
  /** File that remembers what was typed. */
  history: string;
  limit: number;
}

const HISTORY_LINES = 1000;
const [FIRST, NEXT] = ['dor> ', '  …> '];

/** Runs until .quit or Ctrl-D. Ctrl-C cancels the running query, or what was typed so far. */
export async function openShell({ lake: folder, history, limit }: ShellOptions): Promise<void> {
  const lake = await openLake(folder);
  const state: ShellState = { lake, format: 'table', limit, timer: true, output: null, ended: false };
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: FIRST,
    completer: await createCompleter(lake),
    history: readHistory(history),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  });
  lines.on('history', (entries) => writeHistory(history, entries));
  process.stderr.write(`${lake.tables.length} tables; .help tells what can be done, .quit ends\n`);
  try {
    await readAndAnswer(lines, state);
  } finally {
    lines.close();
    lake.close();
  }
}

/** Collects lines to statements and answers them one after the other. */
async function readAndAnswer(lines: Interface, state: ShellState): Promise<void> {
  let typed = '';
  let running = false;
  const prompt = () => {
    lines.setPrompt(typed ? NEXT : FIRST);
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (running) return state.lake.connection.interrupt();
    process.stdout.write(typed || lines.line ? '^C\n' : '\n.quit or Ctrl-D ends\n');
    typed = '';
    // Drops what stands on the line.
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  prompt();
  for await (const line of lines) {
    if (/^\s*\.[a-z]/.test(line)) {
      await runDotCommand(state, line.trim());
      if (state.ended) return;
      prompt();
      continue;
    }
    typed = typed ? `${typed}\n${line}` : line.trimStart();
    for (let end = endOfStatement(typed); end >= 0; end = endOfStatement(typed)) {
      const statement = typed.slice(0, end);
      typed = typed.slice(end + 1).trimStart();
      running = true;
      if (statement.trim()) await answer(state, statement);
      running = false;
    }
    prompt();
  }
}

async function answer(state: ShellState, query: string): Promise<void> {
  const { lake, format, limit, output } = state;
  const started = performance.now();
  const out = output ? createWriteStream(output) : process.stdout;
  try {
    const binary = format === 'arrow' || format === 'parquet';
    const { rows, cut } = await ask(lake, {
      query,
      format: binary && !output ? 'table' : format,
      out,
      limit,
    });
    if (output) {
      out.end();
      await finished(out);
      process.stderr.write(`written to ${output}\n`);
    }
    const shown = cut ? `the first ${rows} rows, more with .limit` : `${rows} ${rows === 1 ? 'row' : 'rows'}`;
    const time = state.timer ? ` in ${((performance.now() - started) / 1000).toFixed(2)} s` : '';
    process.stderr.write(`${shown}${time}\n`);
  } catch (error) {
    const interrupted = /INTERRUPT/i.test((error as Error).message);
    process.stderr.write(interrupted ? 'cancelled\n' : `${explain(error)}\n`);
  }
}

/** Newest first, as readline wants it; a line break inside a statement never occurs, since lines are kept one by one. */
function readHistory(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).reverse() : [];
}

function writeHistory(path: string, entries: string[]): void {
  try {
    writeFileSync(path, `${[...entries].reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A data folder that cannot be written to: the shell works without memory.
  }
}
