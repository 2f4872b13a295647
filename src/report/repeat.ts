/** The query that repeats a rule over the lake, for `dor sql`. */

import { literal } from '../engine.ts';
import { expressionsOf, relatedColumns } from '../lineage.ts';
import type { Dataset, RuleResult, RunManifest } from '../model.ts';
import { fields } from '../reference.ts';
import { type Rule, readRules } from '../rules.ts';

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

/** What a condition may use beside columns; anything else (our macros, code lists) is not there for `dor sql`. */
const KNOWN = new Set(
  'and or not is distinct from int bigint as null in between like case when then else end true false coalesce length starts_with regexp_full_match regexp_matches greatest least abs upper lower trim any contains concat try_cast regexp_extract regexp_extract_all len list_distinct'.split(
    ' ',
  ),
);

/** A rule's condition under the staged names; null when a column was changed on the way or a word is not known. */
function translate(dataset: Dataset, condition: string, year: number): string | null {
  let possible = true;
  const text = condition
    .replaceAll("getvariable('roll_year')", String(year))
    .replace(/'[^']*'|\b[a-z_]\w*/gi, (word) => {
      if (word.startsWith("'") || KNOWN.has(word.toLowerCase())) return word;
      const staged = takenOver(dataset, word.toLowerCase());
      if (!staged) possible = false;
      return staged ?? word;
    });
  return possible ? text.replace(/\s+/g, ' ').trim() : null;
}

/** The staged column that holds a column of the roll exactly as loaded. */
function takenOver(dataset: Dataset, column: string): string | null {
  if (!fields(dataset).some(({ name }) => name.toLowerCase() === column)) return null;
  return (
    relatedColumns(dataset, column).find((name) =>
      expressionsOf(dataset, name).some(
        ({ expression, file }) =>
          file.startsWith('normalize/') && new RegExp(`^[ns]\\.${column}(::\\w+)?$`).test(expression),
      ),
    ) ?? null
  );
}
