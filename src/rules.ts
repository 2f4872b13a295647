/** The quality rules: one SQL file each, read as text with its header. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Dataset } from './model.ts';
import { SQL } from './project.ts';
import { ROLLS } from './rolls.ts';

export interface Rule {
  id: string;
  /** Name of its file. */
  file: string;
  severity: 'error' | 'warning';
  message: string;
  /** Columns that samples show besides the key. */
  columns: string[];
  /** Another dataset's view, or a variable of ours; without it the rule cannot be run. */
  needs: string | null;
  /** The view whose rows it counts, so that its share is one of these: that of its folder unless it says `-- counts:`. */
  counts: string;
  /** Selects the rows that break the rule. */
  query: string;
  /** For a rule about one row at a time: when it is broken. All of these are counted in one scan. */
  condition: string | null;
}

/** The views whose rows a rule may count, and what such a row is, in words. */
export const COUNTED: Record<string, string> = {
  nal: ROLLS.nal.rows,
  sdf: ROLLS.sdf.rows,
  nap: ROLLS.nap.rows,
  previous_nal: 'parcels of the former roll',
};

/** What people are told of a rule that cannot be run, by what it needs. */
export const WITHOUT: Record<string, string> = {
  sdf: 'no sales of the county and year are staged',
  previous_nal: 'no former roll of the county is staged',
  homestead_cap: 'the cap of this roll year is not known',
  file_date: 'the day on which the roll was made is not known',
};

/** Rules of a dataset, or those between datasets (`cross`), in the order of their ids. */
export function readRules(folder: Dataset | 'cross'): Rule[] {
  const path = join(SQL, 'validate', folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => parseRule(join(path, name)));
}

/** Reads one rule file. @throws Error that names the file when its header is incomplete. */
function parseRule(path: string): Rule {
  const text = readFileSync(path, 'utf8');
  const entry = (name: string) => new RegExp(`^-- ${name}: (.+)$`, 'm').exec(text)?.[1]?.trim();
  const [id, severity, message] = [entry('rule'), entry('severity'), entry('message')];
  if (
    !id ||
    !message ||
    (severity !== 'error' && severity !== 'warning') ||
    !basename(path).startsWith(`${id}_`)
  ) {
    throw new Error(
      `${path}: a rule needs "-- rule:" as in its file name, "-- severity: error|warning", "-- message:"`,
    );
  }
  const counts = entry('counts') ?? basename(dirname(path));
  if (!(counts in COUNTED))
    throw new Error(
      `${path}: a rule between rolls needs "-- counts:" and one of ${Object.keys(COUNTED).join(', ')}`,
    );
  const needs = entry('needs') ?? null;
  if (needs !== null && !(needs in WITHOUT))
    throw new Error(`${path}: "-- needs:" is one of ${Object.keys(WITHOUT).join(', ')}`);
  const query = text.replace(/^--.*\n/gm, '').trim();
  const row = /^select \* from \w+\s+where ([\s\S]+)$/.exec(query);
  return {
    id,
    file: basename(path),
    severity,
    message,
    columns: (entry('columns') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    needs,
    counts,
    query,
    // A condition that looks at other rows is a query of its own.
    condition: row && !/\(\s*select\b/.test(row[1]!) ? row[1]! : null,
  };
}
