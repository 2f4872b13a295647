/** `dor catalog`: a DuckDB file of views over the lake, for any DuckDB client, BI tool or notebook. */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';
import { moveDurably } from '../lake/durable.ts';
import { REFERENCE } from '../project.ts';
import { literal, quoted } from '../sqlText.ts';
import { lakeViews, overPattern } from './lakeViews.ts';

const KEYS: Record<string, string> = {
  dor_properties: 'One row per parcel: county_no, year, parcel_id',
  dor_sales:
    'One row per sale of a parcel: county_no, year, parcel_id, sale_id. A deed over several parcels repeats its price',
  dor_tangible: 'One row per tangible personal property account: county_no, year, account_id',
  dor_medians: 'Medians of the county, its cities and use groups',
  rejected: 'Rows that were not accepted: line, rule, reason, original text',
  runs: 'What each run found',
};

/**
 * Writes the file anew and returns the names in it. Views hold absolute paths, so they show new partitions at once but
 * must be written again when the lake moves or gets its first file of a kind; reference tables are copied in.
 * @throws DorError when the lake is empty, or the file is open elsewhere or cannot be written.
 */
export async function writeCatalog(lake: string, path: string): Promise<string[]> {
  const views = lakeViews(lake);
  if (!views.some(({ name }) => name.startsWith('dor_')))
    throw new DorError('Nothing is staged yet', 'run make ingest COUNTY=… first', EXIT.gate);
  // The engine makes files beside a database and takes no folder with a ? for that.
  const scratch = mkdtempSync(join(tmpdir(), 'dor-'));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const instance = await DuckDBInstance.create(join(scratch, 'catalog.duckdb'));
    const connection = await instance.connect();
    for (const view of views) {
      const { name } = view;
      const kind = view.files[0]?.startsWith(REFERENCE) ? 'table' : 'view';
      await connection.run(`create ${kind} ${quoted(name)} as ${overPattern(view)}`);
      const comment =
        KEYS[name] ?? KEYS[name.replace(/_current$/, '')]?.concat('. Newest roll year of each county');
      if (comment) await connection.run(`comment on ${kind} ${quoted(name)} is ${literal(comment)}`);
    }
    connection.closeSync();
    instance.closeSync();
    copyFileSync(join(scratch, 'catalog.duckdb'), temporary);
    moveDurably(temporary, path);
  } catch (error) {
    throw new DorError(
      `The catalog cannot be written to ${path}: ${(error as Error).message}`,
      'choose another file with --output',
      EXIT.unreachable,
    );
  } finally {
    rmSync(temporary, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
  return views.map(({ name }) => name);
}
