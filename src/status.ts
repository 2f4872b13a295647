/** `dor status` and `dor rejects`: what the lake holds, in words. */

import { literal } from './engine.ts';
import { DorError } from './errors.ts';
import { listRuns } from './lake/manifest.ts';
import type { RunManifest } from './model.ts';
import type { Format } from './query/runQuery.ts';
import { findCounty } from './reference.ts';

/** One line per partition: its newest run. */
export function describeStatus(lake: string): string {
  const newest = new Map<string, RunManifest>();
  for (const run of listRuns(lake)) newest.set(`${run.county} ${run.year} ${run.dataset}`, run);
  if (newest.size === 0) return 'Nothing has been ingested yet: run make ingest COUNTY=broward\n';
  const lines = [...newest.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(line);
  return `${lines.join('\n')}\n`;
}

const key = ({ county, year, dataset }: RunManifest) => `${county} ${year} ${dataset}`;

function line({
  county,
  dataset,
  year,
  status,
  verdict,
  ledger,
  finishedAt,
  reason,
  source,
}: RunManifest): string {
  const rows = ledger.accepted.toLocaleString('en-US').padStart(10);
  const sample = source.sample ? ' (sample)' : '';
  const why = reason ? `  ${reason}` : '';
  const name = `${county} ${dataset.toUpperCase()} ${year}`.padEnd(24);
  return `${name} ${status.padEnd(10)} ${verdict.padEnd(5)} ${rows} rows  ${finishedAt.slice(0, 16)}Z${sample}${why}`;
}

/** The query that lists a county's dead letters, for `dor rejects`. */
export function rejectsQuery(county: string): string {
  const { slug } = findCounty(county);
  return `select dataset, year, kind, rule, line, message, detail, file, member, text from rejected
    where county = ${literal(slug)} order by dataset, year, line, rule`;
}

/** The newest manifests of a county, for `dor report`. @throws DorError when there are none. */
export function newestRuns(lake: string, county: string): RunManifest[][] {
  const { slug, name } = findCounty(county);
  const newest = new Map<string, RunManifest>();
  for (const run of listRuns(lake).filter((one) => one.county === slug))
    newest.set(`${run.year} ${run.dataset}`, run);
  if (newest.size === 0)
    throw new DorError(`${name} has not been ingested yet`, `run: make ingest COUNTY=${slug}`);
  const years = [...new Set([...newest.values()].map((run) => run.year))].sort();
  return years.map((year) => [...newest.values()].filter((run) => run.year === year));
}

/** The format that fits where the output goes. */
export const defaultFormat = (isTty: boolean): Format => (isTty ? 'table' : 'csv');
