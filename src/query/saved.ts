/** Queries that are kept: one file each in sql/explore, with a header that says what they are for. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { closest } from '../closest.ts';
import { DorError, EXIT } from '../errors.ts';
import { SQL } from '../lake/paths.ts';
import type { Values } from './parameters.ts';

interface SavedParameter {
  name: string;
  /** Taken when none is given. */
  value: string;
  meaning: string;
}

export interface SavedQuery {
  /** File name without its ending; what `--saved` takes. */
  name: string;
  title: string;
  /** What a broker gets from it. */
  why: string;
  parameters: SavedParameter[];
  sql: string;
}

const FOLDER = join(SQL, 'explore');

/** All of them, by name. */
export function savedQueries(): SavedQuery[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parse(basename(file, '.sql'), readFileSync(join(FOLDER, file), 'utf8')));
}

/** One by its name. @throws DorError when there is none. */
export function savedQuery(name: string): SavedQuery {
  const all = savedQueries();
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name);
  const meant = closest(name, names);
  const remedy = `${meant ? `did you mean ${meant}? ` : ''}There are: ${names.join(', ')}`;
  throw new DorError(`There is no saved query "${name}"`, remedy, EXIT.usage);
}

/** The values of a saved query's parameters: those given, else its own. */
export function withDefaults({ parameters }: SavedQuery, given: Values): Values {
  return { ...Object.fromEntries(parameters.map(({ name, value }) => [name, value])), ...given };
}

function parse(name: string, text: string): SavedQuery {
  const field = (key: string) => new RegExp(`^-- ${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const parameters = [...text.matchAll(/^-- param: (\w+) = (.*?) -- (.*)$/gm)].map(
    ([, parameter, value, meaning]) => ({ name: parameter!, value: value!, meaning: meaning! }),
  );
  return { name, title: field('title'), why: field('why'), parameters, sql: text };
}

/** What `dor sql --list` prints. */
export function describeSaved(): string {
  return savedQueries()
    .map(({ name, title, why, parameters }) => {
      const lines = parameters.map((one) => `      -p ${one.name}=${one.value}   ${one.meaning}`);
      return [`${name}\n    ${title}: ${why}`, ...lines].join('\n');
    })
    .join('\n')
    .concat('\n');
}
