/** What is in the staged columns: how full, how varied, from where to where. */

import { type Engine, literal } from '../engine.ts';
import type { ColumnProfile } from '../model.ts';

/**
 * Profiles every column of a staged Parquet file in one scan. Fill, minimum and maximum are exact, `distinct` is
 * DuckDB's HyperLogLog estimate. Maps count as filled when they hold an entry.
 */
export async function profileColumns(engine: Engine, path: string): Promise<ColumnProfile[]> {
  const columns = await engine.rows(`describe from read_parquet(${literal(path)})`);
  const expressions = columns.flatMap(({ column_name, column_type }, index) => {
    const name = `"${column_name}"`;
    if (String(column_type).startsWith('MAP')) {
      return [`count(*) filter (cardinality(${name}) > 0) as f${index}`, `0 as d${index}`];
    }
    return [
      `count(${name}) as f${index}`,
      `approx_count_distinct(${name}) as d${index}`,
      `min(${name})::varchar as a${index}`,
      `max(${name})::varchar as z${index}`,
    ];
  });
  const found = await engine.row(`select ${expressions.join(', ')} from read_parquet(${literal(path)})`);
  return columns.map(({ column_name, column_type }, index) => ({
    name: String(column_name),
    type: String(column_type).toLowerCase(),
    filled: Number(found[`f${index}`]),
    distinct: Number(found[`d${index}`]),
    min: text(found[`a${index}`]),
    max: text(found[`z${index}`]),
  }));
}

const text = (value: unknown) => (value === null || value === undefined ? null : String(value));
