/**
 * Queries that are kept, one file each with a header that says what it is for: those of sql/explore, and a person's own in
 * the data folder. There they outlive the browser, its profile and the page's port, and the shell runs them as well.
 */

import { type Dirent, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { closest } from '../closest.ts';
import { DorError, EXIT } from '../errors.ts';
import { writeFileDurably } from '../lake/durable.ts';
import { SQL } from '../project.ts';
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
  /** Saved by a person, who can delete it. */
  own: boolean;
}

const FOLDER = join(SQL, 'explore');

/** Names of files: nothing that leads elsewhere. */
const NAME = /^[a-z0-9][a-z0-9-]{0,59}$/;
/** Own queries at most, and characters of each. */
const [MOST, LONGEST] = [500, 100_000];

/** All of them, by name. `own`: the folder of a person's own. */
export function savedQueries(own?: string): SavedQuery[] {
  return [...readFolder(FOLDER, false), ...(own === undefined ? [] : readFolder(own, true))];
}

function readFolder(folder: string, own: boolean): SavedQuery[] {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // Nobody has saved one yet.
  }
  return entries
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.sql') && NAME.test(basename(entry.name, '.sql')),
    )
    .map(({ name }) => basename(name, '.sql'))
    .sort()
    .map((name) => parse(name, readFileSync(join(folder, `${name}.sql`), 'utf8'), own));
}

/** One by its name. @throws DorError when there is none. */
export function savedQuery(name: string, own?: string): SavedQuery {
  const all = savedQueries(own);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name);
  const meant = closest(name, names);
  const remedy = `${meant ? `did you mean ${meant}? ` : ''}There are: ${names.join(', ')}`;
  throw new DorError(`There is no saved query "${name}"`, remedy, EXIT.usage);
}

/** Keeps a query under a title; one of that name is replaced. @throws DorError when it cannot be kept so. */
export function saveQuery(own: string, title: string, sql: string): SavedQuery {
  const words = title.replace(/\s+/g, ' ').trim();
  const name = words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  const refuse = (message: string, remedy: string) => new DorError(message, remedy, EXIT.usage);
  if (!NAME.test(name)) throw refuse(`"${words}" is no name`, 'name it with letters or digits');
  if (!sql.trim()) throw refuse('There is no query', 'write one first');
  if (sql.length > LONGEST)
    throw refuse(`The query has more than ${LONGEST} characters`, 'keep it as a file');
  const all = savedQueries(own);
  if (all.some((one) => one.name === name && !one.own))
    throw refuse(`"${name}" is one of the queries that come with dor`, 'choose another name');
  if (all.filter((one) => one.own && one.name !== name).length >= MOST)
    throw refuse(`There are ${MOST} queries of yours`, 'delete some');
  const text = `-- title: ${words}\n${sql.replace(/^-- title: .*\n?/m, '')}`;
  try {
    writeFileDurably(join(own, `${name}.sql`), text);
  } catch (error) {
    const { message } = error as Error;
    throw new DorError(
      `The query cannot be kept: ${message}`,
      'can the data folder be written?',
      EXIT.unreachable,
    );
  }
  return parse(name, text, true);
}

/** @throws DorError when there is no own query of that name. */
export function deleteQuery(own: string, name: string): void {
  if (!readFolder(own, true).some((one) => one.name === name))
    throw new DorError(`There is no query of yours called "${name}"`, 'load the page again', EXIT.usage);
  rmSync(join(own, `${name}.sql`), { force: true });
}

/** The values of a saved query's parameters: those given, else its own. */
export function withDefaults({ parameters }: SavedQuery, given: Values): Values {
  return { ...Object.fromEntries(parameters.map(({ name, value }) => [name, value])), ...given };
}

function parse(name: string, text: string, own: boolean): SavedQuery {
  const field = (key: string) => new RegExp(`^-- ${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  const parameters = [...text.matchAll(/^-- param: (\w+) = (.*?) -- (.*)$/gm)].map(
    ([, parameter, value, meaning]) => ({ name: parameter!, value: value!, meaning: meaning! }),
  );
  return { name, title: field('title') || name, why: field('why'), parameters, sql: text, own };
}

/** What `dor sql --list` prints. */
export function describeSaved(own?: string): string {
  return savedQueries(own)
    .map(({ name, title, why, parameters }) => {
      const lines = parameters.map((one) => `      -p ${one.name}=${one.value}   ${one.meaning}`);
      return [`${name}\n    ${[title, why].filter(Boolean).join(': ')}`, ...lines].join('\n');
    })
    .join('\n')
    .concat('\n');
}
