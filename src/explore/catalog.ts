/** What the page shows beside the editor: tables with their columns. */

import { rollColumnsOf } from '../lineage.ts';
import type { Words } from '../query/words.ts';
import { fields } from '../reference.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { type Profile, runsOf } from './runs.ts';

/** What DOR says of a column. */
export interface ColumnFacts {
  /** DOR's names of what it is made from; none where nothing of the same row is. */
  dor: string[];
  /** What the only one of them means; empty where there are several. */
  meaning: string;
  /** Of numbers: their unit, empty where DOR gives none. Null where that is not known. */
  unit: string | null;
}

interface CatalogColumn extends ColumnFacts {
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

export interface CatalogTable {
  name: string;
  /** Staged rows; null for tables that are not staged. */
  rows: number | null;
  columns: CatalogColumn[];
}

/** Tables and columns; fill comes from the profiles of the runs whose rows are staged. */
export async function catalog({ tables, columns }: Tables, folder: string): Promise<CatalogTable[]> {
  const profiles = await runsOf(folder).staged();
  return tables.map((name) => {
    const runs = profiles.get(name.replace(/_current$/, '')) ?? [];
    const rows = runs.reduce((sum, run) => sum + (run.staged?.rows ?? 0), 0);
    return {
      name,
      rows: runs.length > 0 && !name.endsWith('_current') ? rows : null,
      columns: (columns.get(name) ?? []).map((column) => ({
        ...column,
        ...factsOf(name, column.name),
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

const known = new Map<string, ColumnFacts>();

/** The facts of a table's column; tables that are no roll have none. The SQL that says so does not change while this runs. */
export function factsOf(table: string, column: string): ColumnFacts {
  const key = `${table.replace(/_current$/, '')} ${column}`;
  const found = known.get(key) ?? readFacts(table.replace(/_current$/, ''), column);
  known.set(key, found);
  return found;
}

function readFacts(table: string, column: string): ColumnFacts {
  const dataset = DATASETS.find((one) => ROLLS[one].table === table);
  if (!dataset) return { dor: [], meaning: '', unit: null };
  const names = rollColumnsOf(dataset, column);
  const made = fields(dataset).filter(({ name }) => names.includes(name));
  const units = new Set(made.map(({ unit }) => unit ?? ''));
  const numbers = made.every(({ type }) => type !== 'char');
  return {
    dor: names,
    meaning: made.length === 1 ? made[0]!.description : '',
    unit: numbers && units.size === 1 ? [...units][0]! : null,
  };
}
