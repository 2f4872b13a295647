/** Liberty's generated rolls, offered by hand as if they were real. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestHere } from './inProcess.ts';
import { dataFolder, SAMPLE } from './workspace.ts';

export function inboxWithLiberty(names = ['NAL', 'SDF', 'NAP']): string {
  const data = dataFolder();
  fillInbox(data, names);
  return data;
}

function fillInbox(data: string, names: string[]): void {
  for (const name of names) writeFileSync(join(data, `inbox/${name}49P202501.csv`), libertyRoll(name));
}

let staged: Promise<string> | undefined;

/** The same, staged: to stage three rolls costs more than what most tests do with them, so a file's tests share it as copies. */
export async function stagedLiberty(): Promise<string> {
  staged ??= stageOnce();
  const data = dataFolder();
  cpSync(await staged, data, { recursive: true });
  return data;
}

async function stageOnce(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'dor-liberty-'));
  process.once('exit', () => rmSync(data, { recursive: true }));
  mkdirSync(join(data, 'inbox'));
  fillInbox(data, ['NAL', 'SDF', 'NAP']);
  await ingestHere(data, { county: 'liberty', push: false });
  return data;
}

/** Another submission than the bundled sample's: no record is the sample's own, which is recognised and never counts as real. */
export const libertyRoll = (name: string): string =>
  readFileSync(join(SAMPLE, `${name}49P202501.csv`), 'utf8').replaceAll(/"2B6D"|\b14B1\b/g, (id) =>
    id.replace('2B6D', '2B6E').replace('14B1', '14B2'),
  );

/** Count and checksum of every published table, and how often each was published. */
export const STATE = `select
  (select count(*) || ' ' || sum(row_hash) from dor_properties) as properties,
  (select count(*) || ' ' || sum(row_hash) from dor_sales) as sales,
  (select count(*) || ' ' || sum(row_hash) from dor_tangible) as tangible,
  (select count(*) || ' ' || sum(parcels) from dor_medians) as medians,
  (select string_agg(table_name || ' ' || row_count, ', ' order by table_name) from dor_partitions) as partitions,
  (select count(*)::int from dor_internal.publications) as publications`;
