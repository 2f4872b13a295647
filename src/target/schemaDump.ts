/** What dor has made in a target, as text that can be compared: sql/schema.txt is what it must be. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SQL } from '../project.ts';
import type { Target } from './target.ts';

const MADE = join(SQL, 'schema.txt');

/** Tables, views, keys, indexes, policies and grants, one a line, the same on every server version. */
export async function dumpSchema(target: Pick<Target, 'query' | 'schema'>): Promise<string> {
  const sql = readFileSync(join(SQL, 'catalog/schema.sql'), 'utf8');
  const names = [...madeRelations().keys()];
  const rows = await target.query(sql, [target.schema, names]);
  return rows.map(({ line }) => `${line}\n`).join('');
}

/** What dor makes, by name. */
export const madeRelations = (): Map<string, Described> => describedIn(readFileSync(MADE, 'utf8'));

/** What differs from what was made, each in words. */
export interface Differences {
  /** What `dor migrate --restore` can make again. */
  gone: string[];
  /** Columns that somebody changed, or relations of that name that are somebody's. */
  changed: string[];
}

/**
 * Walks what should be there: tables, views, columns, constraints, triggers, functions. Rights, policies and the
 * consumers' indexes are looked at elsewhere.
 * @param isMade whether a relation should be there at all, by its name.
 */
export async function compareSchema(
  target: Pick<Target, 'query' | 'schema'>,
  isMade: (name: string) => boolean,
): Promise<Differences> {
  const held = describedIn(await dumpSchema(target));
  const found: Differences = { gone: [], changed: [] };
  for (const [name, should] of madeRelations()) {
    if (!isMade(name)) continue;
    const is = held.get(name);
    if (!is) found.gone.push(`${should.kind} ${name}`);
    else if (is.kind !== should.kind)
      found.changed.push(`${name} is a ${is.kind}, dor makes a ${should.kind}`);
    else {
      for (const line of should.parts) if (!is.parts.includes(line)) found.gone.push(`${line} of ${name}`);
      for (const line of should.columns)
        if (!is.columns.includes(line)) found.changed.push(`${name} lacks ${line}`);
      for (const line of is.columns)
        if (!should.columns.includes(line)) found.changed.push(`${name} has ${line}`);
    }
  }
  return found;
}

/** Whether anything stands there as dor makes it, by its kind and columns. */
export async function holdsOurs(target: Pick<Target, 'query' | 'schema'>): Promise<boolean> {
  const made = madeRelations();
  return [...describedIn(await dumpSchema(target))].some(
    ([name, { kind, columns }]) =>
      kind === made.get(name)?.kind && columns.join() === made.get(name)?.columns.join(),
  );
}

/** A table, a view or a function of a dump. */
export interface Described {
  kind: string;
  columns: string[];
  /** Constraints and triggers; of the publication log its index, too; of a function its signature and source. */
  parts: string[];
}

/** By name, from the lines of a dump. */
function describedIn(dump: string): Map<string, Described> {
  const all = new Map<string, Described>();
  let last: Described | undefined;
  let lastName = '';
  for (const line of dump.split('\n')) {
    const [, kind, name, rest] = /^(table|view|function) ([\w.]+)(.*)/.exec(line) ?? [];
    if (kind && name) {
      last = { kind, columns: [], parts: kind === 'function' ? [rest!.trim()] : [] };
      lastName = name;
      all.set(name, last);
    } else if (
      /^ {2}(constraint|trigger) /.test(line) ||
      (/^ {2}index /.test(line) && lastName.includes('.'))
    )
      last?.parts.push(line.trim());
    else if (/^ {2}(?!index |policy |grant |comment )/.test(line)) last?.columns.push(line.trim());
  }
  return all;
}
