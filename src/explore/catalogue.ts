/** What the page shows beside the editor: tables with their columns. */

import type { Words } from '../query/completion.ts';
import { type Profile, runsOf } from './runs.ts';

interface CatalogueColumn {
  name: string;
  type: string;
  /** Share of rows with a value, 0 to 1; null where nobody counted. */
  fill: number | null;
  distinct: number | null;
  min: string | null;
  max: string | null;
}

/** Tables of the lake and their columns, as a query process sees them. */
type Tables = Pick<Words, 'tables' | 'columns'>;

export interface CatalogueTable {
  name: string;
  /** Staged rows; null for tables that are not staged. */
  rows: number | null;
  columns: CatalogueColumn[];
}

/** Tables and columns; fill comes from the profiles of the runs whose rows are staged. */
export async function catalogue({ tables, columns }: Tables, folder: string): Promise<CatalogueTable[]> {
  const profiles = await runsOf(folder).staged();
  return tables.map((name) => {
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

function profileOf(name: string, runs: Profile[], rows: number) {
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
