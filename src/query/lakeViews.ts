/** The lake as tables: what `dor sql`, `dor explore` and `dor catalog` see. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HISTORIES, historyFolder } from '../lake/history.ts';
import { MEDIANS, STOPPED_LETTERS } from '../lake/paths.ts';
import { REFERENCE } from '../project.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { literal, matching, verbatim } from '../sqlText.ts';

/** A view's name, the files that it reads and the query that it stands for. */
export interface View {
  name: string;
  /** Of a view over another view: none. */
  files: string[];
  /** Over the files as they are named here: as a list, or as a pattern. */
  select: (files: string) => string;
  /** Matches these files, and those of the kind that come later. */
  pattern: string;
}

/**
 * What is there now: the staged tables, `<table>_current` (newest roll year of each county), dor_medians, rejected,
 * runs, quality_runs, quality_rules, quality_columns, and the reference tables. A view depends only on those before it.
 */
export function lakeViews(lake: string): View[] {
  const views: View[] = [];
  const add = (name: string, folder: string, pattern: string, select: View['select']) => {
    const files = filesBelow(folder, pattern.slice(pattern.lastIndexOf('.')));
    if (files.length > 0) views.push({ name, files, select, pattern: matching(folder, `/${pattern}`) });
    return files.length > 0;
  };
  for (const name of [...DATASETS.map((dataset) => ROLLS[dataset].table), MEDIANS]) {
    const there = add(name, join(lake, 'staged', name), '*/*/*.parquet', parquet);
    if (there && name !== MEDIANS)
      views.push({ name: `${name}_current`, files: [], pattern: '', select: () => newestOf(name) });
  }
  add('rejected', join(lake, 'rejected'), '*/*/*/*.parquet', deadLetters);
  add('runs', join(lake, 'runs'), '*.json', json);
  for (const kind of HISTORIES) add(`quality_${kind}`, historyFolder(lake, kind), '*/*.parquet', parquet);
  for (const name of ['fields', 'codes', 'counties', 'states', 'caps']) {
    const file = join(REFERENCE, `${name}.csv`);
    if (existsSync(file)) views.push({ name, files: [file], select: csv, pattern: verbatim(file) });
  }
  return views;
}

const parquet = (files: string) =>
  `from read_parquet(${files}, union_by_name = true, hive_partitioning = false)`;
/** `stopped`: of a file that a gate stopped, whose other rows are not staged. */
const deadLetters = (files: string) =>
  `select * exclude (filename), parse_filename(filename) = ${literal(STOPPED_LETTERS)} as stopped
   from read_parquet(${files}, union_by_name = true, hive_partitioning = false, filename = true)`;
const json = (files: string) =>
  `from read_json(${files}, union_by_name = true, maximum_object_size = 67108864)`;
const csv = (files: string) => `from read_csv(${files}, all_varchar = true, header = true)`;

const newestOf = (name: string) =>
  `select t.* from ${name} t join (select county_no, max(year) as year from ${name} group by county_no) newest
     on newest.county_no = t.county_no and newest.year = t.year`;

/** The view's query over the files that are there now, and no others. */
export const overFiles = ({ files, select }: View) =>
  select(`[${files.map((file) => literal(verbatim(file))).join(', ')}]`);

/** The view's query over a pattern, which shows files that come later, too. */
export const overPattern = ({ pattern, select }: View) => select(literal(pattern));

/** Names the state of the lake that views were made of: another one means that files came or went. */
export const stateOf = (views: View[]): string => views.flatMap(({ files }) => files).join('\n');

/** Files with this ending in a folder, in any depth, in the order of their names. */
function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.name.endsWith(ending) && (entry.isFile() || entry.isSymbolicLink()))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
