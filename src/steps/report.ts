/** report: one page per county and year, offline, from the manifests alone. */

import { join } from 'node:path';
import { writeFileDurably } from '../lake/durable.ts';
import type { DataPaths } from '../lake/paths.ts';
import type { RunManifest } from '../model.ts';
import { renderRunReport } from '../report/page.ts';

/** Writes data/reports/<county>-<year>.html and returns its path. */
export function writeReport(paths: DataPaths, manifests: RunManifest[]): string {
  const { county, year } = manifests[0]!;
  const path = join(paths.reports, `${county}-${year}.html`);
  writeFileDurably(path, renderRunReport(manifests));
  return path;
}
