/** Tab in the shell: commands, tables, the columns of the tables that are named, keywords. */

import { COMMAND_NAMES } from './shellCommands.ts';
import type { Words } from './words.ts';

/** Completes the last word. Columns are those of tables that the line names, else of all. */
export function createCompleter({ tables, columns, keywords }: Words): (line: string) => [string[], string] {
  return (line) => {
    if (/^\s*\.\w*$/.test(line)) return [startingWith(COMMAND_NAMES, line.trim()), line.trim()];
    const word = /[\w.]*$/.exec(line)![0].replace(/^.*\./, '');
    const named = tables.filter((table) => new RegExp(`\\b${table}\\b`).test(line));
    const from = named.length > 0 ? named : tables;
    const names = from.flatMap((table) => (columns.get(table) ?? []).map(({ name }) => name));
    const found = startingWith([...new Set([...tables, ...names])], word);
    return [found.length > 0 ? found : startingWith(keywords, word), word];
  };
}

const startingWith = (names: string[], word: string) =>
  names.filter((name) => name.startsWith(word.toLowerCase()));
