/** The query that repeats a rule over the lake, for `dor sql`. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expressionsOf, relatedColumns } from '../lineage.ts';
import type { Dataset, RuleResult, RunManifest } from '../model.ts';
import { SQL } from '../project.ts';
import { fields } from '../reference.ts';
import { type Rule, readRules } from '../rules.ts';
import { literal } from '../sqlText.ts';

export interface Repeat {
  /** A query over the lake's tables that selects the same rows; null when the rule needs what only an ingest has. */
  query: string | null;
  /** The rule's own SQL, over the loaded roll. */
  rule: string;
  /** Relative to the project folder. */
  file: string;
}

/** How a rule of a run can be looked at again. Rows that a rule rejected are no longer in the table: they are dead letters. */
export function repeatOf(
  { dataset, county, year, table }: RunManifest,
  { id, severity }: RuleResult,
): Repeat | null {
  const found = [dataset, 'cross' as const].flatMap((folder) =>
    readRulesOnce(folder).map((rule) => ({ rule, folder })),
  );
  const one = found.find(({ rule }) => rule.id === id);
  if (!one) return null;
  const { rule, folder } = one;
  const at = `county = ${literal(county)} and year = ${year}`;
  const condition =
    severity === 'warning' && rule.condition ? translate(dataset, rule.condition, year) : null;
  const rejected = `select line, detail, text from rejected where dataset = ${literal(dataset)} and ${at} and rule = ${literal(id)} order by line`;
  return {
    query:
      severity === 'error' ? rejected : condition && `select * from ${table} where ${at} and (${condition})`,
    rule: rule.query,
    file: `sql/validate/${folder}/${rule.file}`,
  };
}

const cache = new Map<string, Rule[]>();
function readRulesOnce(folder: Dataset | 'cross'): Rule[] {
  if (!cache.has(folder)) cache.set(folder, readRules(folder));
  return cache.get(folder)!;
}

/** What only an ingest has beside the columns of the roll: its variables, our macros, the names of values that are no numbers. */
let ofAnIngest: Set<string> | undefined;
function isOfAnIngest(word: string): boolean {
  ofAnIngest ??= new Set(['getvariable', 'uncast', ...macroNames()]);
  return ofAnIngest.has(word);
}

const macroNames = (): string[] =>
  readdirSync(SQL, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sql'))
    .flatMap((name) => [
      ...readFileSync(join(SQL, name), 'utf8').matchAll(/^create or replace macro (\w+)/gm),
    ])
    .map(([, name]) => name!);

/** A rule's condition under the staged names; null when a column was changed on the way or only an ingest has what it uses. */
function translate(dataset: Dataset, condition: string, year: number): string | null {
  let possible = true;
  const text = condition
    .replaceAll("getvariable('roll_year')", String(year))
    .replace(/'[^']*'|\b[a-z_]\w*/gi, (word) => {
      const name = word.toLowerCase();
      if (isOfAnIngest(name)) possible = false;
      if (!fields(dataset).some((field) => field.name.toLowerCase() === name)) return word;
      const staged = takenOver(dataset, name);
      if (!staged) possible = false;
      return staged ?? word;
    });
  return possible ? text.replace(/\s+/g, ' ').trim() : null;
}

/** The staged column that holds a column of the roll exactly as loaded. */
function takenOver(dataset: Dataset, column: string): string | null {
  return (
    relatedColumns(dataset, column).find((name) =>
      expressionsOf(dataset, name).some(
        ({ expression, file }) =>
          file.startsWith('normalize/') && new RegExp(`^[ns]\\.${column}(::\\w+)?$`).test(expression),
      ),
    ) ?? null
  );
}
