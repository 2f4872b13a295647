/** The bundled sample in the target: the first real publication of a county takes all of it away, in its own transaction. */

import { MEDIANS } from '../lake/paths.ts';
import type { County, Partition, Revision } from '../model.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { inSchema, type Target, type Transaction } from '../target/target.ts';
import { publishedYears, readPublications, writePublication } from './publicationLog.ts';

/** Partitions of a county whose newest publication is of the sample, or of real rows. */
export async function publishedOf(
  target: Pick<Target, 'query'>,
  county: County,
  sample: boolean,
): Promise<Partition[]> {
  const found: Partition[] = [];
  for (const dataset of DATASETS)
    for (const year of await publishedYears(target, { dataset, county })) {
      const partition = { dataset, county, year };
      const [newest] = await readPublications(target, partition);
      if (newest && newest.sample === sample && (sample || newest.rows > 0)) found.push(partition);
    }
  return found;
}

/** Empties a partition of the sample, medians too, and enters that into the publication log under the run that takes its place. */
export async function withdraw(
  transaction: Transaction,
  schema: string,
  { dataset, county, year }: Partition,
  by: Revision,
): Promise<void> {
  const where = `where county_no = ${county.no} and year = ${year}`;
  const gone = await transaction.query(
    `with gone as (delete from ${inSchema(schema, ROLLS[dataset].table)} ${where} returning 1) select count(*)::int as rows from gone`,
  );
  if (dataset === 'nal') await transaction.query(`delete from ${inSchema(schema, MEDIANS)} ${where}`);
  const nothing = { ...by, rows: 0, checksum: '0', sample: false };
  const changes = { insert: 0, update: 0, delete: Number(gone[0]!.rows), unchanged: 0 };
  await writePublication(transaction, { dataset, county, year }, nothing, changes);
}
