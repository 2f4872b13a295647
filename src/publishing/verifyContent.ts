/** What is to be published is what was staged: the file's seal, its rows, and the hash of each row from its columns. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import type { Damage } from '../lake/damage.ts';
import { isSealed } from '../lake/fileSeal.ts';
import type { Snapshot } from '../lake/snapshots.ts';
import type { Dataset, Partition } from '../model.ts';
import { SQL } from '../project.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { sqlVersion } from '../sqlVersion.ts';
import { fileColumns } from './content.ts';

/** Sums over a file of rows, as text. `altered` rows have values that their stored hash was not made from. */
interface Sums {
  rows: string;
  checksum: string;
  altered: string;
}

/** @throws DorError when a content's files are not those that were written. */
export function verifyFiles(partition: Partition, wanted: Snapshot, thorough = false): void {
  const found = damagedFile(wanted, thorough);
  if (found) throw damaged(partition, found);
}

/** @throws DorError when the rows are not those of the revision: their bytes, count, checksum, or a value under its hash. */
export async function verifyContent(engine: Engine, partition: Partition, wanted: Snapshot): Promise<void> {
  verifyFiles(partition, wanted, true);
  const found = await damagedRows(engine, partition.dataset, wanted);
  if (found) throw damaged(partition, found);
}

function damagedFile({ path, mediansPath, seals }: Snapshot, thorough: boolean): Damage | null {
  if (!isSealed(path, seals?.data, thorough)) return { path, what: 'its bytes changed' };
  if (!seals?.medians) return null;
  if (!mediansPath) return { path: `${path} (medians)`, what: 'they are gone' };
  return isSealed(mediansPath, seals.medians, thorough)
    ? null
    : { path: mediansPath, what: 'its bytes changed' };
}

/** Rows that are not those of the revision; null when they are. The file must be one that can be read. */
export async function damagedRows(
  engine: Engine,
  dataset: Dataset,
  { path, revision }: Pick<Snapshot, 'path' | 'revision'>,
): Promise<Damage | null> {
  const sums = await sumRows(engine, dataset, path, revision.sqlVersion === sqlVersion());
  if (sums.rows !== String(revision.rows))
    return { path, what: `it has ${sums.rows} rows, ${revision.rows} were written` };
  if (sums.checksum !== revision.checksum) return { path, what: 'its row hashes changed' };
  if (sums.altered === '0') return null;
  return { path, what: `${sums.altered} rows have values that are not those of their hash` };
}

/**
 * @param sameSql the rows were staged by the SQL at hand: another version may hash other columns. Rows that were
 * recovered from a target have its types, which other texts come from; they lack the lake's own columns.
 */
async function sumRows(engine: Engine, dataset: Dataset, path: string, sameSql: boolean): Promise<Sums> {
  const columns = await fileColumns(engine, path);
  let altered = '0::varchar';
  if (sameSql && columns.has('submission_id')) {
    await engine.file(join(SQL, 'stage/macros.sql'));
    altered = `count_if(row_hash is distinct from ${hashOf(dataset)})::varchar`;
  }
  const sums = await engine.row(
    `select count(*)::varchar as "rows", coalesce(sum(row_hash), 0)::varchar as checksum, ${altered} as altered
     from ${parquet(path)}`,
  );
  return { rows: String(sums.rows), checksum: String(sums.checksum), altered: String(sums.altered) };
}

/** Rows of a query, in the lake's types, with values that their stored hash was not made from by the SQL at hand. */
export async function countAltered(engine: Engine, dataset: Dataset, rows: string): Promise<number> {
  await engine.file(join(SQL, 'stage/macros.sql'));
  const { n } = await engine.row(
    `select count(*)::int as n from (${rows}) where row_hash is distinct from ${hashOf(dataset)}`,
  );
  return Number(n);
}

/** The expression that the stage SQL makes the row hash with: written once, there. */
function hashOf(dataset: Dataset): string {
  const expression = /row_hash\(concat\([\s\S]*?\n {2}\)\)(?= as row_hash)/.exec(
    readFileSync(join(SQL, `stage/${dataset}.sql`), 'utf8'),
  );
  if (!expression) throw new Error(`sql/stage/${dataset}.sql has no row hash`);
  return expression[0];
}

function damaged({ dataset, county, year }: Partition, { path, what }: Damage): DorError {
  return new DorError(
    `${ROLLS[dataset].table} ${county.slug} ${year}: ${path} is not what was written: ${what}; nothing was published`,
    `make the rows again from the source: dor ingest ${county.slug} --force; a former publication can come back from a copy of the lake only`,
    EXIT.gate,
  );
}
