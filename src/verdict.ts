/** A run's verdict, and the reason for it in words: the same on the report, the state's page, the summary and `dor status`. */

import { count, percent } from './formats.ts';
import type { Ledger, RuleResult, RunManifest, Verdict } from './model.ts';
import { plainly } from './report/plainNames.ts';

/** A warning rule that more rows than this break makes the verdict `warn`. */
const WARN_PCT = 1;
/** Rules that the reason names; all are in the report. */
const NAMED = 3;

type Judged = Pick<RunManifest, 'dataset' | 'ledger' | 'fileRules' | 'rules' | 'findings'>;

/**
 * `warn` when something was rejected, a file rule was broken, a warning rule by more than 1 % of the rows it counts, or
 * something is unlike the last good runs.
 */
export const judge = (run: Judged): Verdict => (warnings(run).length > 0 ? 'warn' : 'pass');

/** Why the verdict is what it is, as it follows "because"; null for a clean run. */
export function reasonOf(run: Judged & Pick<RunManifest, 'verdict' | 'reason'>): string | null {
  if (run.verdict === 'fail') return run.reason ?? 'the run did not come to its end';
  return run.verdict === 'pass' ? null : warnings(run).join('; ') || null;
}

/** The line of a run: `WARN because 2.73 % of 95,332 sales: NBRHD_CD is missing (S39)`. */
export function describeVerdict(run: Judged & Pick<RunManifest, 'verdict' | 'reason'>): string {
  const reason = reasonOf(run);
  return `${run.verdict.toUpperCase()}${reason ? ` because ${reason}` : ''}`;
}

function warnings({ dataset, ledger, fileRules, rules, findings }: Judged): string[] {
  const found: string[] = [];
  const rejected = ledger.rejectedStructure + ledger.rejectedRule;
  if (rejected > 0) found.push(`${of(rejected, ledger)} were rejected`);
  if (ledger.duplicates > 0) found.push(`${of(ledger.duplicates, ledger)} are later copies of a key`);
  const often = rules
    .filter((rule) => shareOf(rule, ledger) > WARN_PCT / 100)
    .sort((a, b) => shareOf(b, ledger) - shareOf(a, ledger));
  for (const { id, message, rows, of: whole } of often.slice(0, NAMED))
    found.push(
      `${percent(rows!, whole?.rows ?? ledger.recordsIn)} of ${count(whole?.rows ?? ledger.recordsIn)} ${whole?.what ?? 'records'}: ${plainly(dataset, message)} (${id})`,
    );
  if (often.length > NAMED) found.push(`${often.length - NAMED} more rules are broken by more than 1 %`);
  const ids = [...new Set(fileRules.map(({ id }) => id))];
  if (ids.length > 0) found.push(`the file breaks ${ids.join(', ')}`);
  const [first, ...others] = findings;
  if (first) {
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    found.push(`it is unlike the last good runs (${first.message}${more})`);
  }
  return found;
}

const of = (rows: number, { recordsIn }: Ledger) =>
  `${percent(rows, recordsIn)} of ${count(recordsIn)} records`;

const shareOf = ({ rows, of: whole }: RuleResult, { recordsIn }: Ledger) =>
  (rows ?? 0) / Math.max(1, whole?.rows ?? recordsIn);

/** Rules that were not run, by the reason. */
export function notRun(all: RuleResult[]): [why: string, ids: string[]][] {
  const byReason = new Map<string, string[]>();
  for (const { id, rows, notRun: why = 'what they compare with was not there' } of all)
    if (rows === null) byReason.set(why, [...(byReason.get(why) ?? []), id]);
  return [...byReason];
}
