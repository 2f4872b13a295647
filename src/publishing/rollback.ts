/** `dor rollback`: a former publication brought back exactly, as a plan that can be looked at first. */

import { DorError, EXIT } from '../errors.ts';
import type { Plan } from '../lake/plans.ts';
import { isWhole, listSnapshots, readSnapshot } from '../lake/snapshots.ts';
import type { County, Dataset, Partition, Publication } from '../model.ts';
import { DATASETS, ROLLS } from '../rolls.ts';
import { type PublishingOptions, withCounty } from './county.ts';
import { toldTo } from './countyPlan.ts';
import { type CurrentState, fromSnapshot, type Publishing } from './currentState.ts';
import { diff } from './diff.ts';
import { GUARDS } from './guards.ts';
import { publishedYears, readPublications } from './publicationLog.ts';
import { type AppliedPart, type DesiredState, makePlan, planAndApply } from './publish.ts';

export interface RollbackRequest {
  county: County;
  dataset?: Dataset;
  year?: number;
  /** A run, or the beginning of one; or a moment (ISO), which takes everything back to what it was then. */
  to?: string;
  /** Roll back over what others have changed since. */
  overwrite: boolean;
  /** Only make the plan. */
  planOnly: boolean;
}

/** What a partition holds, and what it is to hold again. */
interface Step {
  partition: Partition;
  newest: Publication;
  former: Publication;
}

/** Plans the way back and, unless only the plan is wanted, applies it. */
export async function rollback(
  request: RollbackRequest,
  options: PublishingOptions,
): Promise<{ plan: Plan; applied: AppliedPart[] | null }> {
  const { county, planOnly } = request;
  return withCounty(county, !planOnly, options, async (publishing) => {
    const steps = await chooseSteps(publishing, request);
    const states: DesiredState[] = steps.map((step) => ({
      partition: step.partition,
      wanted: snapshotOf(publishing, step),
      everyRow: true,
      over: step.newest,
      check: (current) => refuseChanged(publishing, step, current, request.overwrite),
    }));
    // Going back is asked for by name: guards tell, and do not stop it.
    const allow = new Set(GUARDS.map(({ guard }) => guard));
    const timer = toldTo(options.progress);
    const wanted = { kind: 'rollback', county, states, allow, timer } as const;
    if (planOnly) return { plan: await makePlan(publishing, wanted), applied: null };
    return planAndApply(publishing, wanted);
  });
}

/** Which partitions go back to which publication. */
async function chooseSteps(publishing: Publishing, request: RollbackRequest): Promise<Step[]> {
  const histories = await readHistories(publishing, request);
  if (histories.length === 0) {
    throw new DorError(
      `The publication log of ${publishing.target.label} has no publication of ${request.county.name}: there is nothing to roll back`,
      'dor status shows what was ingested; check the target, --dataset and --year',
    );
  }
  const { to } = request;
  const moment = to === undefined ? Number.NaN : momentOf(to);
  if (to !== undefined && Number.isNaN(moment)) return [stepToRun(histories, to)];
  if (to !== undefined) return stepsToMoment(histories, moment, to);
  const newest = histories.reduce((a, b) => (BigInt(a.log[0]!.id) > BigInt(b.log[0]!.id) ? a : b));
  return [stepBack(newest)];
}

interface History {
  partition: Partition;
  /** Newest first. */
  log: Publication[];
}

async function readHistories(
  { target }: Publishing,
  { county, dataset, year }: RollbackRequest,
): Promise<History[]> {
  const histories: History[] = [];
  for (const one of DATASETS.filter((name) => !dataset || name === dataset)) {
    for (const found of await publishedYears(target, { dataset: one, county })) {
      if (year !== undefined && found !== year) continue;
      const partition = { dataset: one, county, year: found };
      histories.push({ partition, log: await readPublications(target, partition) });
    }
  }
  return histories;
}

/** An ISO day or time; a run id is none, nor is a day that no calendar has. */
function momentOf(to: string): number {
  const [day] = /^\d{4}-\d\d-\d\d/.exec(to) ?? [];
  const isDay =
    day !== undefined && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  return isDay ? Date.parse(to) : Number.NaN;
}

/** What a publication of no row, such as of a table that was dropped, held is nothing to go back to. */
const hasRows = ({ rows }: Publication) => rows > 0;

/** To the one run that `to` is, or is the beginning of. */
function stepToRun(histories: History[], to: string): Step {
  const runs = [...new Set(histories.flatMap(({ log }) => log.filter(hasRows).map(({ run }) => run)))];
  const fitting = runs.includes(to) ? [to] : runs.filter((run) => to !== '' && run.startsWith(to));
  if (fitting.length !== 1) {
    const several = fitting.length > 1;
    throw new DorError(
      several
        ? `"${to}" fits several publications of the county`
        : `No publication of the county is of run "${to}"`,
      `name one of these: ${(several ? fitting : runs).slice(0, 12).join(', ')}`,
      EXIT.usage,
    );
  }
  const { partition, log } = histories.find((history) => history.log.some(({ run }) => run === fitting[0]))!;
  const former = log.find((one) => one.run === fitting[0] && hasRows(one))!;
  return { partition, newest: log[0]!, former };
}

function stepsToMoment(histories: History[], moment: number, to: string): Step[] {
  const steps = histories.flatMap(({ partition, log }) => {
    const former = log.find(({ publishedAt }) => Date.parse(publishedAt) <= moment);
    return former && former.id !== log[0]!.id ? [{ partition, newest: log[0]!, former }] : [];
  });
  if (steps.length > 0) return steps;
  throw new DorError(
    `Nothing of the county was published after ${to} over something older`,
    'choose an earlier moment',
  );
}

/** One publication back: before the first one of the run that stands there now, so that going back twice goes further. */
function stepBack({ partition, log }: History): Step {
  const newest = log[0]!;
  const first = log.findLastIndex(({ run }) => run === newest.run);
  const former = log.slice(first + 1).find((one) => hasRows(one) && one.checksum !== newest.checksum);
  if (former) return { partition, newest, former };
  const since = log.filter((one) => hasRows(one) && one.checksum !== newest.checksum);
  const runs = [...new Set(since.map(({ run }) => run))];
  throw new DorError(
    `Run ${newest.run} is the first publication of ${ROLLS[partition.dataset].table} ${partition.county.slug} ${partition.year}: there is none before it${runs.length > 0 ? `; since then, and before it came back, there were ${runs.join(', ')}` : ''}`,
    `name another one with --to${runs.length > 0 ? `, such as --to ${runs[0]}` : ''}, or another partition with --dataset and --year`,
  );
}

function snapshotOf({ lake }: Publishing, { partition, former }: Step) {
  const snapshot = readSnapshot(lake, partition, former.run);
  if (snapshot?.revision.checksum === former.checksum) return snapshot;
  throw new DorError(
    `The lake has no snapshot of run ${former.run} of ${ROLLS[partition.dataset].table} ${partition.county.slug} ${partition.year}`,
    `snapshots are where the run was published, until dor clean removes them; this lake has: ${listSnapshots(lake, partition).join(', ') || 'none'}`,
  );
}

/** Rows that someone else inserted, changed or deleted since would be lost: only when told. */
async function refuseChanged(
  { engine, lake, say }: Publishing,
  { partition, newest }: Step,
  current: CurrentState,
  overwrite: boolean,
): Promise<CurrentState> {
  const { slug } = partition.county;
  const name = `${ROLLS[partition.dataset].table} ${slug} ${partition.year}`;
  const snapshot = readSnapshot(lake, partition, newest.run);
  const sums = await engine.row(
    'select count(*)::varchar as n, coalesce(sum(row_hash), 0)::varchar as checksum from current_state',
  );
  let changed = sums.n !== String(newest.rows) || sums.checksum !== newest.checksum;
  if (snapshot && isWhole(snapshot)) {
    const { insert, update, delete: gone } = await diff(engine, partition.dataset, current, snapshot.path);
    changed ||= insert + update + gone > 0;
    if (!changed) return fromSnapshot(engine, partition, current, snapshot.path);
  } else if (!changed) {
    say(
      `${name}: the lake has no snapshot of run ${newest.run}; only count and checksum were compared, not the rows' contents`,
    );
  }
  if (!changed) return current;
  if (overwrite) {
    say(`${name}: rows were changed by others since run ${newest.run}; they are overwritten, as told`);
    return current;
  }
  throw new DorError(
    `${name}: rows were changed by others since run ${newest.run} was published; nothing was rolled back`,
    `look at them with: dor drift ${slug}; overwrite them with --overwrite-changes`,
  );
}
