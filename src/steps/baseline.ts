/** baseline: is this run like the county's own last good ones, and like other counties? */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { DorError } from '../errors.ts';
import { HISTORIES, historyOf, historyQuery, openManifests, rememberRuns } from '../lake/history.ts';
import type { Finding, RunManifest } from '../model.ts';
import { SQL } from '../project.ts';
import { hiddenColumns, redactFindings } from '../redaction.ts';
import { literal } from '../sqlText.ts';

/** Good runs of the county that a run is compared with. */
const REMEMBERED = 5;
/** Findings that the message of a closed gate quotes; all are in the report. */
const QUOTED = 4;

export interface BaselineOptions {
  lake: string;
  scratch: string;
  /** Columns whose values nothing shows. */
  redact: string[];
}

/**
 * Compares the run with the history. The bundled sample is only compared with itself, and real rolls only with real ones.
 * A first run has no baseline, and says so.
 */
export async function compareWithBaseline(
  engine: Engine,
  manifest: RunManifest,
  { lake, scratch, redact }: BaselineOptions,
): Promise<Pick<RunManifest, 'baseline' | 'findings'>> {
  const { dataset, county } = manifest;
  await rememberRuns(engine, lake, { dataset, county }, scratch);
  const histories = HISTORIES.map((kind) => [kind, historyOf(lake, kind, dataset)] as const);
  if (histories.some(([, query]) => query === null))
    return { baseline: { runs: [], counties: 0 }, findings: [] };

  const current = join(scratch, `current_${dataset}.json`);
  writeFileSync(current, JSON.stringify({ ...manifest, timings: [{ step: 'profile', seconds: 0 }] }));
  await openManifests(engine, [current]);
  for (const kind of HISTORIES)
    await engine.run(`create or replace temp table now_${kind} as ${await historyQuery(engine, kind)}`);
  await chooseRuns(engine, histories[0]![1]!, manifest);
  for (const [kind, query] of histories) {
    if (kind === 'runs') continue;
    for (const which of ['past', 'other'])
      await engine.run(
        `create or replace temp table ${which}_${kind} as select h.* from (${query}) h semi join ${which}_runs r on r.run = h.run`,
      );
  }
  const runs = await engine.rows('select run from past_runs order by finished_at desc');
  const { counties } = await engine.row('select count(*) as counties from other_runs');
  await engine.file(join(SQL, 'report/macros.sql'));
  const found = await engine.rows(await engine.read(join(SQL, 'report/baseline.sql')));
  return {
    baseline: { runs: runs.map((row) => String(row.run)), counties: Number(counties) },
    findings: redactFindings(found as unknown as Finding[], hiddenColumns(dataset, redact)),
  };
}

/** Leaves `past_runs` and `other_runs`. Of runs over the same content the newest counts. */
async function chooseRuns(engine: Engine, history: string, { county, run, source }: RunManifest) {
  const good = `select * from (${history}) where good and measured and sample = ${source.sample} and run <> ${literal(run)}`;
  await engine.run(
    `create or replace temp table past_runs as select * from (${good}) where county = ${literal(county)}
     qualify row_number() over (partition by source_sha256, sql_version order by finished_at desc) = 1
     order by finished_at desc limit ${REMEMBERED}`,
  );
  await engine.run(
    `create or replace temp table other_runs as select * from (${good}) where county <> ${literal(county)}
     qualify row_number() over (partition by county order by finished_at desc) = 1`,
  );
}

/**
 * F10: a roll that is far from the county's last good ones is not staged, unless that is accepted.
 * @throws DorError that says what moved.
 */
export function refuseOutlier({ source, findings }: Pick<RunManifest, 'source' | 'findings'>): void {
  const failed = findings.filter(({ level }) => level === 'fail');
  if (failed.length === 0) return;
  const quoted = failed.slice(0, QUOTED).map(({ message }) => message);
  const more = failed.length > QUOTED ? `; and ${failed.length - QUOTED} more` : '';
  throw new DorError(
    `F10 ${source.file}: far off the last good run: ${quoted.join('; ')}${more}; nothing was staged or published`,
    'look at the report; if the file is right as it is, accept it with --accept-outlier',
  );
}
