/** Liberty's generated rolls, offered by hand as if they were real. */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, ROOT } from './workspace.ts';

export function inboxWithLiberty(): string {
  const data = dataFolder();
  for (const name of ['NAL', 'SDF', 'NAP']) {
    copyFileSync(join(ROOT, `data/sample/${name}49P202501.csv`), join(data, `inbox/${name}49P202501.csv`));
  }
  return data;
}

/** Count and checksum of every published table, and how often each was published. */
export const STATE = `select
  (select count(*) || ' ' || sum(row_hash) from dor_properties) as properties,
  (select count(*) || ' ' || sum(row_hash) from dor_sales) as sales,
  (select count(*) || ' ' || sum(row_hash) from dor_tangible) as tangible,
  (select count(*) || ' ' || sum(parcels) from dor_medians) as medians,
  (select string_agg(table_name || ' ' || row_count, ', ' order by table_name) from dor_partitions) as partitions,
  (select count(*)::int from dor_internal.publications) as publications`;
