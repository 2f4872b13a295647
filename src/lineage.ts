/** Which SQL makes a staged column, and which columns of the roll it reads: told from the SQL files themselves. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from './model.ts';
import { SQL } from './project.ts';
import { type FieldType, fields } from './reference.ts';

/** One `expression as name` of a select list. */
export interface Expression {
  name: string;
  expression: string;
  /** Relative to sql/. */
  file: string;
  /** 1-based line of the expression's first character. */
  line: number;
  /** Aliases of the file that are other rows than the one at hand, and what they are: its lines `-- alias: u = the use codes`. */
  others: ReadonlyMap<string, string>;
}

/** The expressions that make a staged column, the first step first; empty when the column is taken over by name alone. */
export function expressionsOf(dataset: Dataset, column: string): Expression[] {
  return expressions(dataset).filter(({ name }) => name === column);
}

/**
 * Names of DOR's columns, in capitals and the guide's order, that a staged column is made from: directly, or through
 * other columns of the same row. What comes from other rows (medians, sales) is not followed.
 */
export function rollColumnsOf(dataset: Dataset, column: string): string[] {
  const known = new Set(fields(dataset).map(({ name }) => name.toLowerCase()));
  const found = new Set<string>();
  const seen = new Set<string>();
  const follow = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const one of expressionsOf(dataset, name)) {
      for (const word of wordsOf(one)) {
        if (one.file.startsWith('normalize/') && known.has(word)) found.add(word);
        else if (word !== name && one.file.startsWith('enrich/')) follow(word);
      }
    }
  };
  follow(column.toLowerCase());
  return fields(dataset)
    .map(({ name }) => name)
    .filter((name) => found.has(name.toLowerCase()));
}

/** How text of the file becomes the column of a roll (DOR's name): by an expression of its own, else as all of its type. */
export function loadingOf(dataset: Dataset, column: string): Expression | null {
  const name = column.toLowerCase();
  const file = `load/${dataset}.sql`;
  const own = readExpressions(file).find((one) => one.name === name);
  const field = fields(dataset).find((one) => one.name.toLowerCase() === name);
  if (own || !field) return own ?? null;
  const reader = READERS[field.type] ?? 'blank';
  const lines = readFileSync(join(SQL, file), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes(` ${reader}(columns(`)) + 1;
  return { name, expression: `${reader}(${name})`, file, line, others: new Map() };
}

/** The macro that reads a type of fields.csv; texts are only trimmed. */
const READERS: Partial<Record<FieldType, string>> = {
  int: 'whole',
  signed: 'signed_whole',
  decimal: 'decimal_number',
};

/** The other rows that an expression reads. */
export function otherRowsOf({ expression, others }: Expression): string[] {
  const aliases = [...expression.matchAll(/\b(\w+)\.\w+/g)].map(([, alias]) => alias!);
  return [...new Set(aliases)].map((alias) => others.get(alias)).filter((text) => text !== undefined);
}

/** True when a roll has a column of that name, as staged or as DOR writes it. */
export const isColumn = (dataset: Dataset, name: string): boolean =>
  [...fields(dataset), ...expressions(dataset)].some((one) => one.name.toLowerCase() === name.toLowerCase());

/** Names of a column that someone named: as staged or as DOR writes it, with all that is made from it; lower-case. */
export function relatedColumns(dataset: Dataset, name: string): string[] {
  const wanted = name.toLowerCase();
  const roll = fields(dataset).some((field) => field.name.toLowerCase() === wanted)
    ? [wanted]
    : rollColumnsOf(dataset, wanted).map((column) => column.toLowerCase());
  const staged = [...new Set(expressions(dataset).map((one) => one.name))].filter((column) =>
    rollColumnsOf(dataset, column).some((source) => roll.includes(source.toLowerCase())),
  );
  return [...new Set([wanted, ...roll, ...staged])];
}

const cache = new Map<Dataset, Expression[]>();

function expressions(dataset: Dataset): Expression[] {
  let found = cache.get(dataset);
  if (!found) {
    found = ['normalize', 'enrich'].flatMap((step) => readExpressions(`${step}/${dataset}.sql`));
    if (dataset === 'nal') found = [...found, ...readExpressions('enrich/latest_sale_columns.sql')];
    cache.set(dataset, found);
  }
  return found;
}

/** Words of the row at hand. */
function wordsOf({ expression, others }: Expression): string[] {
  const words = [...expression.replace(/'[^']*'/g, '').matchAll(/(?:(\w+)\.)?([a-z_]\w*)/gi)];
  return words.filter(([, alias]) => !alias || !others.has(alias)).map(([, , word]) => word!.toLowerCase());
}

/** All named expressions of all select lists of one SQL file, in file order. */
function readExpressions(file: string): Expression[] {
  const whole = readFileSync(join(SQL, file), 'utf8');
  const others = new Map(
    [...whole.matchAll(/^-- alias: (\w+) = (.+)$/gm)].map(([, alias, of]) => [alias!, of!]),
  );
  const text = whole.replace(/^[ \t]*--.*$/gm, (line) => ' '.repeat(line.length));
  const found: Expression[] = [];
  /** Where the running item of the select list at each depth of parentheses began; -1 outside of lists. */
  const starts = [-1];
  const finish = (end: number): void => {
    const start = starts.at(-1)!;
    if (start < 0) return;
    const item = text.slice(start, end);
    const named = /^([\s\S]*?)(?:\bas\s+(\w+)|\.(\w+))\s*$/.exec(item);
    const name = named?.[2] ?? named?.[3];
    if (!name) return;
    const line = text.slice(0, start + item.search(/\S/)).split('\n').length;
    const expression = (named![2] ? named![1]! : item).replace(/\s+/g, ' ').trim();
    found.push({ name, expression, file, line, others });
  };
  for (const token of text.matchAll(/'[^']*'|[(),[\]{}]|\b(?:select|from)\b/g)) {
    const [word] = token;
    const at = token.index;
    if (word.startsWith("'")) continue;
    if ('([{'.includes(word)) starts.push(-1);
    else if (')]}'.includes(word)) {
      finish(at);
      starts.pop();
    } else if (word === 'select') starts[starts.length - 1] = at + word.length;
    else {
      finish(at);
      if (starts.at(-1)! >= 0) starts[starts.length - 1] = word === ',' ? at + 1 : -1;
    }
  }
  return found;
}
