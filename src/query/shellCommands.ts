/** What begins with a dot in the shell. */

import { closest } from '../closest.ts';
import { DorError, EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { quoted } from '../sqlText.ts';
import { parseParameters } from './parameters.ts';
import { FORMATS, type Format, isBinary } from './runQuery.ts';
import { describeSaved, savedQuery, withDefaults } from './saved.ts';
import { answer, type ShellState } from './shellAnswers.ts';

const HELP = `  select …;             a query; it may take several lines and ends with a semicolon
  .tables               the tables
  .schema TABLE         a table's columns and their types
  .saved [NAME k=v …]   list the saved queries, or run one
  .mode FORMAT          ${FORMATS.join(', ')}
  .output [FILE]        write answers to a file, each over the last; without one, to the terminal again
  .limit [ROWS]         rows at most; without a number, what each format shows of itself
  .timer on|off         say how long a query took
  .help                 this
  .quit                 end; Ctrl-D, too. Ctrl-C cancels a running query. Tab completes.
`;

type Command = (state: ShellState, args: string[]) => void | Promise<void>;

const say = (text: string) => void process.stdout.write(text);

const noFormat = (format: string) => {
  const meant = closest(format, FORMATS);
  const remedy = `${meant ? `did you mean ${meant}? ` : ''}There are ${FORMATS.join(', ')}`;
  return new DorError(`${format} is no format`, remedy, EXIT.usage);
};

const COMMANDS: Record<string, Command> = {
  '.tables': async ({ tables }) => say(`${(await tables()).join('\n')}\n`),
  '.schema': async ({ ask }, [table]) => {
    if (!table) return say('.schema TABLE; .tables lists them\n');
    const query = `select column_name, column_type from (describe ${quoted(table)})`;
    await ask({ query, format: 'table', output: null, limit: Number.POSITIVE_INFINITY });
  },
  '.saved': (state, [name, ...given]) => {
    if (!name) return say(describeSaved(dataPaths().queries));
    const saved = savedQuery(name, dataPaths().queries);
    return answer(state, saved.sql, withDefaults(saved, parseParameters(given)));
  },
  '.mode': (state, [format]) => {
    if (format !== undefined && !FORMATS.includes(format as Format)) throw noFormat(format);
    if (format !== undefined) state.format = format as Format;
    const toFile = isBinary(state.format) && !state.output;
    say(`${state.format}${toFile ? ' goes to a file: name it with .output; until then, table' : ''}\n`);
  },
  '.output': (state, words) => {
    // A path may hold blanks.
    const file = words.join(' ');
    state.output = file || null;
    say(file ? `answers go to ${file}\n` : 'answers go to the terminal\n');
  },
  '.limit': (state, [rows]) => {
    if (rows !== undefined && !/^\d+$/.test(rows))
      throw new DorError(`.limit ${rows} is no number of rows`, 'such as .limit 1000', EXIT.usage);
    state.limit = rows === undefined ? undefined : Number(rows);
    say(rows === undefined ? 'no limit of yours\n' : `${rows} rows at most\n`);
  },
  '.timer': (state, [mode]) => {
    state.timer = mode !== 'off';
    say(`timer ${state.timer ? 'on' : 'off'}\n`);
  },
  '.help': () => say(HELP),
  '.quit': (state) => {
    state.ended = true;
  },
};

export const COMMAND_NAMES = Object.keys(COMMANDS);

/** Runs one of them. @throws DorError when there is no such command, or what it asks fails. */
export async function dotCommand(state: ShellState, line: string): Promise<void> {
  const [name, ...args] = line.replace(/;$/, '').split(/\s+/);
  const command = COMMANDS[name!];
  if (!command) {
    const meant = closest(name!, COMMAND_NAMES);
    const remedy = `${meant ? `did you mean ${meant}? ` : ''}.help lists them`;
    throw new DorError(`${name} is no command`, remedy, EXIT.usage);
  }
  await command(state, args);
}
