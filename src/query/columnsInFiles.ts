/** Columns of a result as files can have them: their types in Parquet and CSV, their names anywhere. */

import { isNested } from './spelling.ts';

/** Types that Parquet does not have, or changes (an interval of 100,000 hours). */
const CHANGED = /HUGEINT|UNION|INTERVAL|VARIANT|GEOMETRY|TIME WITH TIME ZONE/;

/**
 * A column as it goes into a Parquet file. Parquet has no 128-bit integers, and the engine would write them as doubles:
 * as decimals they keep every digit (sums have 38 at most). What it has no type for is kept as text.
 */
export function forParquet(column: string, type: string): string {
  if (type === 'HUGEINT') return `${column}::decimal(38, 0)`;
  if (!CHANGED.test(type)) return column;
  return isNested(type) ? `to_json(${column})::varchar` : `${column}::varchar`;
}

/** A column of such a file as it goes into a CSV file: what is nested, as every other format spells it. */
export const forCsv = (column: string, type: string): string =>
  isNested(type) && !CHANGED.test(type) ? `to_json(${column})::varchar` : column;

/** Names that differ in more than their case: no file can have two that do not. */
export function namesForFile(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name) => {
    let free = name;
    let count = counts.get(name.toLowerCase()) ?? 0;
    while (taken.has(free.toLowerCase())) free = `${name}_${++count}`;
    counts.set(name.toLowerCase(), count);
    taken.add(free.toLowerCase());
    return free;
  });
}
