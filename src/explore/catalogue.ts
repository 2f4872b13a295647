/** What the page shows beside the editor: tables with their columns, runs. */

import { listRuns } from '../lake/manifest.ts';
import type { RunManifest } from '../model.ts';
import { columnsOf } from '../query/completion.ts';
import type { Lake } from '../query/lakeViews.ts';

interface CatalogueColumn {
  name: string;
  type: string;
  /** Share of rows with a value, 0 to 1; null where nobody counted. */
  fill: number | null;
  distinct: number | null;
  min: string | null;
  max: string | null;
}

export interface CatalogueTable {
  name: string;
  /** Staged rows; null for tables that are not staged. */
  rows: number | null;
  columns: CatalogueColumn[];
}

export interface RunLine {
  run: string;
  county: string;
  dataset: string;
  year: number;
  status: string;
  verdict: string;
  rows: number;
  rejected: number;
  finishedAt: string;
  seconds: number;
  reason: string | null;
  sample: boolean;
}

/** Tables and columns; fill comes from the profiles of the runs whose rows are staged. */
export async function catalogue(lake: Lake, folder: string): Promise<CatalogueTable[]> {
  await lake.refresh();
  const columns = await columnsOf(lake);
  const profiles = stagedProfiles(folder);
  return lake.tables.map((name) => {
    const runs = profiles.get(name.replace(/_current$/, '')) ?? [];
    const rows = runs.reduce((sum, run) => sum + (run.staged?.rows ?? 0), 0);
    return {
      name,
      rows: runs.length > 0 && !name.endsWith('_current') ? rows : null,
      columns: (columns.get(name) ?? []).map((column) => ({
        ...column,
        ...profileOf(column.name, runs, rows),
      })),
    };
  });
}

function profileOf(name: string, runs: RunManifest[], rows: number) {
  const found = runs.flatMap((run) => run.columns.filter((column) => column.name === name));
  if (found.length === 0 || rows === 0) return { fill: null, distinct: null, min: null, max: null };
  const [only] = found;
  const alone = found.length === 1 ? only! : null;
  return {
    fill: found.reduce((sum, { filled }) => sum + filled, 0) / rows,
    distinct: alone?.distinct ?? null,
    min: alone?.min ?? null,
    max: alone?.max ?? null,
  };
}

/** By table: the newest run with staged rows of each partition. */
function stagedProfiles(folder: string): Map<string, RunManifest[]> {
  const newest = new Map<string, RunManifest>();
  for (const run of listRuns(folder))
    if (run.staged && ['staged', 'published', 'unchanged'].includes(run.status))
      newest.set(`${run.table} ${run.county} ${run.year}`, run);
  const byTable = new Map<string, RunManifest[]>();
  for (const run of newest.values()) byTable.set(run.table, [...(byTable.get(run.table) ?? []), run]);
  return byTable;
}

/** The last runs, newest first. */
export function lastRuns(folder: string, count = 200): RunLine[] {
  return listRuns(folder)
    .slice(-count)
    .reverse()
    .map((run) => ({
      run: run.run,
      county: run.county,
      dataset: run.dataset,
      year: run.year,
      status: run.status,
      verdict: run.verdict,
      rows: run.ledger.accepted,
      rejected: run.ledger.rejectedRule + run.ledger.rejectedStructure + run.ledger.duplicates,
      finishedAt: run.finishedAt,
      seconds: (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000,
      reason: run.reason,
      sample: run.source.sample,
    }));
}
