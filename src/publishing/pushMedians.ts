/** The medians of a county, a few hundred rows, brought to the target in the transaction of its parcels. */

import { MEDIANS } from '../lake/paths.ts';
import { literal, parquet } from '../sqlText.ts';
import { streamRows } from '../target/rowStream.ts';
import { inSchema, type Transaction } from '../target/target.ts';
import type { Publishing } from './currentState.ts';
import { deleteRows, holdsRows, type Merged, upsertRows } from './merge.ts';
import { listMeddlers, meddledWith } from './obstacles.ts';

const MEDIAN_KEYS = ['scope', 'name'];
const MEDIAN_COLUMNS = [
  'county_no',
  'year',
  ...MEDIAN_KEYS,
  'parcels',
  'median_just_value',
  'median_value_per_sqft',
];

/**
 * @param parcels the parcels' part of their table: county, year, and whether rows of others may go along.
 * @throws DorError when somebody's triggers or rules do not let them stand as they are.
 */
export async function bringMedians(
  { engine, scratch, target }: Publishing,
  transaction: Transaction,
  parcels: Merged,
  path: string,
): Promise<void> {
  const relation = inSchema(target.schema, MEDIANS);
  const merged = { ...parcels, relation, keys: MEDIAN_KEYS };
  const { where } = parcels;
  const held = await transaction.query(`select ${MEDIAN_KEYS.join(', ')} from ${relation} t where ${where}`);
  const values = held.map(({ scope, name }) => `(${literal(String(scope))}, ${literal(String(name))})`);
  if (values.length > 0) {
    const keys = MEDIAN_KEYS.join(', ');
    const gone = `from (values ${values.join(', ')}) held(${keys}) anti join ${parquet(path)} using (${keys})`;
    await deleteRows(transaction, merged, streamRows(engine, `select ${keys} ${gone}`, scratch));
  }
  const select = `select ${MEDIAN_COLUMNS.join(', ')} from ${parquet(path)}`;
  await upsertRows(transaction, merged, MEDIAN_COLUMNS, streamRows(engine, select, scratch));
  const meddlers = await listMeddlers(transaction, relation);
  if (meddlers.length > 0 && !(await holdsRows(transaction, merged, MEDIAN_COLUMNS)))
    throw meddledWith(relation, meddlers);
}
