/** report: pages that open offline, and the same as JSON, from the manifests and the history of the lake. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '../engine.ts';
import { describeDamage, stagedDamage } from '../lake/damage.ts';
import { writeFileDurably } from '../lake/durable.ts';
import { readRun } from '../lake/manifest.ts';
import type { DataPaths } from '../lake/paths.ts';
import { describeStaleSales } from '../lake/staleSales.ts';
import type { Partition, RunManifest } from '../model.ts';
import { redactManifest } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { reasonOf } from '../verdict.ts';
import { recall } from './memory.ts';

export interface ReportRequest {
  /** Columns to hide beside those that were hidden when the runs were made. */
  redact: string[];
  /** A name in data/reports/ instead of that of the county and year. */
  name?: string;
}

/** Writes data/reports/<county>-<year>.html and .json of runs of one county and year. Returns the page's path. */
export async function writeReport(
  engine: Engine,
  paths: DataPaths,
  manifests: RunManifest[],
  { redact, name }: ReportRequest,
): Promise<string> {
  const { county, year } = manifests[0]!;
  const chapters = [];
  for (const one of manifests) {
    const manifest = redactManifest(one, redact);
    const partition = { dataset: one.dataset, county: findCounty(county), year };
    const stale = one.dataset === 'nal' ? describeStaleSales(paths.lake, partition) : null;
    const damage = damageFor(paths.lake, partition);
    chapters.push({ manifest, stale, damage, memory: await recall(engine, paths.lake, manifest) });
  }
  // The plotting library takes a tenth of a second to load; commands that draw nothing do without.
  const { renderCountyReport } = await import('./countyPage.ts');
  const rolls = chapters.map(({ manifest, stale, damage, memory }) => ({
    ...manifest,
    because: reasonOf(manifest),
    stale,
    damage,
    memory: {
      ...memory,
      rules: Object.fromEntries(memory.rules),
      columns: Object.fromEntries(memory.columns),
    },
  }));
  return write(paths, name ?? `${county}-${year}`, renderCountyReport(chapters), { county, year, rolls });
}

/**
 * Pages that lie there and show what was hidden since: of single runs, and of years whose newest run is one of these.
 * @param newest runs of the county.
 */
export async function rewritePages(
  engine: Engine,
  paths: DataPaths,
  newest: RunManifest[],
  { redactedRuns, redact }: { redactedRuns: Set<string>; redact: string[] },
): Promise<void> {
  const isThere = (name: string) => existsSync(join(paths.reports, `${name}.html`));
  const years = new Set(newest.filter(({ run }) => redactedRuns.has(run)).map(({ year }) => year));
  for (const year of years) {
    const runs = newest.filter((run) => run.year === year);
    if (isThere(`${runs[0]!.county}-${year}`)) await writeReport(engine, paths, runs, { redact });
  }
  for (const name of [...redactedRuns].map((run) => `runs/${run}`).filter(isThere))
    await writeReport(engine, paths, [readRun(paths.lake, basename(name))!], { redact, name });
}

/** What a page says of staged rows that are no longer what the run wrote, and the command that wrote it, too. */
export function damageFor(lake: string, partition: Partition): string | null {
  const damage = stagedDamage(lake, partition, 'seal');
  return damage && describeDamage(damage, partition);
}

/** Writes data/reports/florida.html and .json of the newest run of every partition. Returns the page's path. */
export async function writeStateReport(
  paths: DataPaths,
  manifests: RunManifest[],
  { redact }: ReportRequest,
): Promise<string> {
  const { renderStateReport } = await import('./statePage.ts');
  const shown = manifests.map((one) => {
    const partition = { dataset: one.dataset, county: findCounty(one.county), year: one.year };
    return { ...redactManifest(one, redact), damage: damageFor(paths.lake, partition) };
  });
  return write(paths, 'florida', renderStateReport(shown), { rolls: shown });
}

function write(paths: DataPaths, name: string, page: string, facts: object): string {
  const path = join(paths.reports, `${name}.html`);
  writeFileDurably(join(paths.reports, `${name}.json`), `${JSON.stringify(facts)}\n`);
  writeFileDurably(path, page);
  return path;
}
