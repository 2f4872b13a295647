/** Values, names and paths as SQL writes them. No engine is loaded for it. */

/** A SQL literal. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/**
 * A path as the engine's readers take it: to them `*`, `?` and `[` make a pattern, in which `\\` takes the meaning of what
 * follows and only `?` stands for it. Paths to write to are no patterns.
 */
export const verbatim = (path: string): string => (/[*?[]/.test(path) ? matching(path, '') : path);

/** A pattern for files below a folder, whatever the folder is called. */
export const matching = (folder: string, pattern: string): string =>
  folder.replaceAll(/[*?[]/g, '[$&]').replaceAll('\\', '?') + pattern;

/** A SQL identifier. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A Parquet file as DuckDB reads it. @param numbered with the column file_row_number. */
export const parquet = (path: string, numbered = false) =>
  `read_parquet(${literal(verbatim(path))}, hive_partitioning = false, file_row_number = ${numbered})`;
