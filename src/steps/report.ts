/** report: pages that open offline, and the same as JSON, from the manifests and the history of the lake. */

import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { writeFileDurably } from '../lake/durable.ts';
import type { DataPaths } from '../lake/paths.ts';
import { describeStaleSales } from '../lake/staleSales.ts';
import type { RunManifest } from '../model.ts';
import { redactManifest } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { recall } from '../report/memory.ts';

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
    const stale =
      one.dataset === 'nal' ? describeStaleSales(paths.lake, { county: findCounty(county), year }) : null;
    chapters.push({ manifest, stale, memory: await recall(engine, paths.lake, manifest) });
  }
  // The plotting library takes a tenth of a second to load; commands that draw nothing do without.
  const { renderCountyReport } = await import('../report/countyPage.ts');
  const rolls = chapters.map(({ manifest, stale, memory }) => ({
    ...manifest,
    stale,
    memory: {
      ...memory,
      rules: Object.fromEntries(memory.rules),
      columns: Object.fromEntries(memory.columns),
    },
  }));
  return write(paths, name ?? `${county}-${year}`, renderCountyReport(chapters), { county, year, rolls });
}

/** Writes data/reports/florida.html and .json of the newest run of every partition. Returns the page's path. */
export async function writeStateReport(
  paths: DataPaths,
  manifests: RunManifest[],
  { redact }: ReportRequest,
): Promise<string> {
  const { renderStateReport } = await import('../report/statePage.ts');
  const shown = manifests.map((one) => redactManifest(one, redact));
  return write(paths, 'florida', renderStateReport(shown), { rolls: shown });
}

function write(paths: DataPaths, name: string, page: string, facts: object): string {
  const path = join(paths.reports, `${name}.html`);
  writeFileDurably(join(paths.reports, `${name}.json`), `${JSON.stringify(facts)}\n`);
  writeFileDurably(path, page);
  return path;
}
