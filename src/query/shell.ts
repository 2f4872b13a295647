/** `dor sql` without a query: a shell on the terminal. Statements end with a semicolon; commands begin with a dot. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { createCompleter } from './completion.ts';
import { cancelled, type JobOptions, type QueryPool } from './pool.ts';
import type { Format } from './runQuery.ts';
import { answer, orTold, type ShellState } from './shellAnswers.ts';
import { dotCommand } from './shellCommands.ts';
import { endOfStatement, isEmpty } from './statements.ts';
import type { SqlJobs } from './worker.ts';

type Ask = <T>(work: (options: JobOptions) => Promise<T>) => Promise<T>;

interface Given {
  limit?: number;
  format?: Format;
  output?: string;
}

const newState = (
  pool: QueryPool<SqlJobs>,
  { limit, format = 'table', output }: Given,
  asking: Ask,
): ShellState => ({
  ask: (question) => asking((options) => pool.run('ask', question, options)),
  tables: async () => (await pool.run('words', undefined)).tables,
  format,
  limit,
  timer: true,
  output: output ?? null,
  ended: false,
});

/** One command of the shell, such as .tables, without the shell. */
export const runOneCommand = (
  { pool, seconds, ...given }: Omit<ShellOptions, 'history'>,
  line: string,
): Promise<void> =>
  dotCommand(
    newState(pool, given, (work) => work({ seconds })),
    line,
  );

interface ShellOptions extends Given {
  pool: QueryPool<SqlJobs>;
  /** How long a query may take. */
  seconds: number | undefined;
  /** File that remembers what was typed. */
  history: string;
}

const HISTORY_LINES = 1000;
const [FIRST, NEXT] = ['dor> ', '  …> '];

/** Runs until .quit or Ctrl-D. Ctrl-C cancels the running query, or what was typed so far. */
export async function openShell({ pool, seconds, history, ...given }: ShellOptions): Promise<void> {
  const words = await pool.run('words', undefined);
  let running: AbortController | null = null;
  const cancellable = async <T>(work: (options: JobOptions) => Promise<T>): Promise<T> => {
    running = new AbortController();
    try {
      return await work({ signal: running.signal, seconds });
    } finally {
      running = null;
    }
  };
  const state = newState(pool, given, cancellable);
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: FIRST,
    completer: createCompleter(words),
    history: readHistory(history),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  });
  lines.on('history', (entries) => writeHistory(history, entries));
  const cancel = () => {
    running?.abort(cancelled());
    return running !== null;
  };
  process.stderr.write(`${words.tables.length} tables; .help tells what can be done, .quit ends\n`);
  try {
    await readAndAnswer(lines, state, cancel);
  } finally {
    lines.close();
  }
}

/** Collects lines to statements and answers them one after the other. `cancel` is false when nothing runs. */
async function readAndAnswer(lines: Interface, state: ShellState, cancel: () => boolean): Promise<void> {
  let typed = '';
  const prompt = () => {
    lines.setPrompt(typed ? NEXT : FIRST);
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (cancel()) return;
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
      await orTold(dotCommand(state, line.trim()));
      if (state.ended) return;
      prompt();
      continue;
    }
    typed = typed ? `${typed}\n${line}` : line.trimStart();
    for (let end = endOfStatement(typed); end >= 0; end = endOfStatement(typed)) {
      const statement = typed.slice(0, end);
      typed = typed.slice(end + 1).trimStart();
      if (!isEmpty(statement)) await orTold(answer(state, statement));
    }
    prompt();
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
