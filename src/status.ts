/** `dor status`: what the lake holds, in words. */

import { count } from './formats.ts';
import { describeDamage, stagedDamage } from './lake/damage.ts';
import { newestRuns } from './lake/manifest.ts';
import { describeStaleSales } from './lake/staleSales.ts';
import type { RunManifest } from './model.ts';
import type { Format } from './query/runQuery.ts';
import { countyByNumber } from './reference.ts';
import { reasonOf } from './verdict.ts';

/** One line per partition: its newest run. */
export function describeStatus(lake: string): string {
  const newest = newestOfAll(lake);
  if (newest.length === 0) return 'Nothing has been ingested yet: run make ingest COUNTY=broward\n';
  const lines = newest.map((run) => line(run) + staleness(lake, run) + damage(lake, run));
  return `${lines.join('\n')}\n`;
}

/** The newest run of each partition, by county, year and roll. */
export const newestOfAll = (lake: string): RunManifest[] =>
  newestRuns(lake).sort((a, b) => (key(a) < key(b) ? -1 : 1));

const key = ({ county, year, dataset }: RunManifest) => `${county} ${year} ${dataset}`;

/** Where the parcels' latest sales are not those of the staged sales: so much, else nothing. */
function staleness(lake: string, { dataset, countyNo, year }: RunManifest): string {
  const county = countyByNumber(countyNo);
  const stale = dataset === 'nal' && county && describeStaleSales(lake, { county, year });
  return stale ? `  ${stale}` : '';
}

/** By the size of the files alone: a look must be quick. */
function damage(lake: string, { dataset, countyNo, year }: RunManifest): string {
  const county = countyByNumber(countyNo);
  const partition = county && { dataset, county, year };
  const found = partition && stagedDamage(lake, partition, 'size');
  return found ? `  ${describeDamage(found, partition)}` : '';
}

function line(run: RunManifest): string {
  const { county, dataset, year, status, verdict, ledger, finishedAt, source } = run;
  const rows = count(ledger.accepted).padStart(10);
  const sample = source.sample ? ' (sample)' : '';
  const reason = reasonOf(run);
  const why = reason ? `  because ${reason}` : '';
  const name = `${county} ${dataset.toUpperCase()} ${year}`.padEnd(24);
  return `${name} ${status.padEnd(10)} ${verdict.padEnd(5)} ${rows} rows  ${finishedAt.slice(0, 16)}Z${sample}${why}`;
}

/** The format that fits where the output goes. */
export const defaultFormat = (isTty: boolean): Format => (isTty ? 'table' : 'csv');
