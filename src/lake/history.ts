/**
 * The memory of quality: data/lake/quality/{runs,rules,columns}/<dataset>/<county>.parquet, one row per run, run and
 * rule, run and column. Derived from the manifests in data/lake/runs, which stay the record: what is missing is added.
 */

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import type { Dataset } from '../model.ts';
import { SQL } from '../project.ts';
import { literal, verbatim } from '../sqlText.ts';
import { moveDurably } from './durable.ts';
import { readRun, runNames } from './manifest.ts';
import { runsFolder } from './paths.ts';

export const HISTORIES = ['runs', 'rules', 'columns'] as const;
export type History = (typeof HISTORIES)[number];

/** Folder of one kind of history; `<dataset>/<county>.parquet` inside. */
export const historyFolder = (lake: string, kind: History) => join(lake, 'quality', kind);

const historyFile = (lake: string, kind: History, dataset: Dataset, county: string) =>
  join(historyFolder(lake, kind), dataset, `${county}.parquet`);

/** A query over one kind of history of a roll, all counties; null when there is none yet. */
export function historyOf(lake: string, kind: History, dataset: Dataset): string | null {
  const folder = join(historyFolder(lake, kind), dataset);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.parquet')) : [];
  if (names.length === 0) return null;
  const files = names.map((name) => literal(verbatim(join(folder, name))));
  return `from read_parquet([${files.join(', ')}], union_by_name = true)`;
}

/** Leaves the view `manifests`: those at the given paths, as sql/report/history reads them. */
export async function openManifests(engine: Engine, paths: string[]): Promise<void> {
  await engine.set({ manifests: null });
  await engine.run(`set variable manifests = [${paths.map((path) => literal(verbatim(path))).join(', ')}]`);
  await engine.make('table', join(SQL, 'report/history/manifests.sql'));
}

/** The query that makes the rows of one kind of history from the view `manifests`. */
export const historyQuery = (engine: Engine, kind: History) =>
  engine.read(join(SQL, `report/history/${kind}.sql`));

/**
 * Adds the runs of a county's roll that the history does not have yet. Safe to repeat and to interrupt: files are
 * replaced whole, and a run that is in one kind and not in another is added there.
 */
export async function rememberRuns(
  engine: Engine,
  lake: string,
  { dataset, county }: { dataset: Dataset; county: string },
  scratch: string,
): Promise<void> {
  await rememberOwn(engine, lake, { dataset, county, scratch });
  // Other counties' files are read along: damaged ones are made anew, too.
  for (const other of await countiesToFix(engine, lake, dataset))
    await rememberOwn(engine, lake, { dataset, county: other, scratch });
}

async function rememberOwn(
  engine: Engine,
  lake: string,
  { dataset, county, scratch }: { dataset: Dataset; county: string; scratch: string },
): Promise<void> {
  const all = runNames(lake, county, dataset);
  await dropDamaged(engine, lake, dataset, county);
  const known = historyFile(lake, 'columns', dataset, county);
  const remembered = new Set(
    existsSync(known) && existsSync(historyFile(lake, 'runs', dataset, county))
      ? (
          await engine.rows(
            `select distinct run from read_parquet(${literal(verbatim(historyFile(lake, 'runs', dataset, county)))})`,
          )
        ).map((row) => row.run)
      : [],
  );
  const missing = all.filter((run) => !remembered.has(run) && readRun(lake, run));
  if (missing.length === 0) return;
  await openManifests(
    engine,
    missing.map((run) => join(runsFolder(lake), `${run}.json`)),
  );
  // The runs last: they say what is remembered.
  for (const kind of ['columns', 'rules', 'runs'] as const)
    await append(engine, lake, kind, { dataset, county, scratch });
}

/** All counties of a history that cannot be read as a whole; none when it can. */
async function countiesToFix(engine: Engine, lake: string, dataset: Dataset): Promise<Set<string>> {
  const counties = new Set<string>();
  for (const kind of HISTORIES) {
    const history = historyOf(lake, kind, dataset);
    if (!history || (await isSound(engine, kind, `(${history})`))) continue;
    for (const name of readdirSync(join(historyFolder(lake, kind), dataset)))
      counties.add(name.replace(/\.parquet$/, ''));
  }
  return counties;
}

const isSound = (engine: Engine, kind: History, files: string): Promise<boolean> =>
  engine.rows(`select count(columns(*)), count(${NEEDED[kind]}) as needed from ${files}`).then(
    () => true,
    () => false,
  );

/** What a file must have beside what can be read: rules once did not say what they count, and their shares were wrong. */
const NEEDED: Record<History, string> = { runs: 'run', rules: 'of_rows', columns: 'run' };

/** A file that cannot be read, or is of a former shape, is made anew from the manifests: all of it is derived. */
async function dropDamaged(engine: Engine, lake: string, dataset: Dataset, county: string): Promise<void> {
  for (const kind of HISTORIES) {
    const file = historyFile(lake, kind, dataset, county);
    if (!existsSync(file)) continue;
    if (await isSound(engine, kind, `read_parquet(${literal(verbatim(file))})`)) continue;
    forgetHistory(lake, dataset, county);
    return;
  }
}

/** Of manifests that were changed: the next `rememberRuns` makes it anew. */
export function forgetHistory(lake: string, dataset: Dataset, county: string): void {
  for (const kind of HISTORIES) rmSync(historyFile(lake, kind, dataset, county), { force: true });
}

async function append(
  engine: Engine,
  lake: string,
  kind: History,
  { dataset, county, scratch }: { dataset: Dataset; county: string; scratch: string },
): Promise<void> {
  const file = historyFile(lake, kind, dataset, county);
  const fresh = join(scratch, `history_${kind}.parquet`);
  mkdirSync(scratch, { recursive: true });
  const former = existsSync(file)
    ? `union all by name select * from read_parquet(${literal(verbatim(file))}) where run not in (select run from manifests)`
    : '';
  await engine.run(
    `copy (select * from (${await historyQuery(engine, kind)} ${former}) order by run) to ${literal(fresh)} (format parquet, compression zstd)`,
  );
  moveDurably(fresh, file);
}
