/** Columns of a result as files can have them: their types in Parquet, their names anywhere. */

/**
 * A column as it goes into a Parquet file. Parquet has no 128-bit integers, and the engine would write them as doubles:
 * as decimals they keep every digit. What it has no type for, or changes (an interval of 100,000 hours), is kept as text.
 */
export function forParquet(column: string, type: string): string {
  if (/^U?HUGEINT$/.test(type)) return `${column}::decimal(38, 0)`;
  const changed = /HUGEINT|UNION|INTERVAL|VARIANT|GEOMETRY|TIME WITH TIME ZONE/.test(type);
  return changed ? `${column}::varchar` : column;
}

/** Names that differ in more than their case: no file can have two that do not. */
export function namesForFile(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 1; taken.has(free.toLowerCase()); count++) free = `${name}_${count}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
