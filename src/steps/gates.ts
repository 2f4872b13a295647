/** The gates between reading a file and trusting it. */

import { DorError } from '../errors.ts';
import { percent, percentage } from '../formats.ts';
import type { Ledger, RuleResult, RunManifest } from '../model.ts';
import type { DeadLetterCounts } from './reject.ts';

/** The ledger of what was read and rejected. The engine must have read what was counted in the file. */
export function openLedger(
  file: string,
  read: { records: number; rejected: number },
  rowsRead: number,
  dead: DeadLetterCounts,
): Ledger {
  const ledger = {
    recordsIn: read.records,
    rejectedStructure: read.rejected,
    ...dead,
    accepted: rowsRead - dead.rejectedRule - dead.duplicates,
    balanced: false,
  };
  if (rowsRead !== read.records - read.rejected)
    throw unbalanced(file, ledger, `the engine read ${rowsRead} rows`);
  return ledger;
}

/** Closes the ledger: every record of the file is staged or a dead letter, or the run fails. */
export function closeLedger(file: string, ledger: Ledger, rows: number): Ledger {
  if (rows !== ledger.accepted || rejected(ledger) + rows !== ledger.recordsIn)
    throw unbalanced(file, ledger, `${rows} rows were staged`);
  return { ...ledger, balanced: true };
}

type Counted = Pick<RunManifest, 'county' | 'source' | 'ledger' | 'rowsWithWarning'>;

/**
 * F11 and F12: is this file clean enough, is anything left of it, and as clean as the last good one? How else it differs: steps/baseline.ts.
 * Returns what is to be warned of.
 * @throws DorError when rows must not be staged; what was staged before stays.
 */
export function checkGates(run: Counted, previous: Counted | undefined, maxRejectPct: number): RuleResult[] {
  const { county, source, ledger } = run;
  const share = percentage(rejected(ledger), ledger.recordsIn);
  if (share > maxRejectPct) {
    throw new DorError(
      `F12 ${source.file}: ${rejected(ledger)} of ${ledger.recordsIn} rows are rejected (${percent(rejected(ledger), ledger.recordsIn)}), more than ${maxRejectPct} %; nothing was staged or published`,
      `look at them with: dor rejects ${county}; then fix the source, or allow more with --max-reject-pct`,
    );
  }
  // Whatever share was allowed: a publication without a row would pass for one.
  if (ledger.accepted === 0)
    throw new DorError(
      `F12 ${source.file}: none of its ${ledger.recordsIn} rows is accepted; nothing was staged or published`,
      `look at them with: dor rejects ${county}; then fix the source`,
    );
  if (!previous) return [];
  const before = previous.ledger.recordsIn;
  const warned = percentage(run.rowsWithWarning, ledger.recordsIn);
  if (warned === 0 || warned <= 2 * percentage(previous.rowsWithWarning, before)) return [];
  const message = `rows with a warning: ${percent(run.rowsWithWarning, ledger.recordsIn)}, the last accepted file had ${percent(previous.rowsWithWarning, before)}`;
  return [{ id: 'F11', severity: 'warning', message, rows: 0, samples: [] }];
}

const rejected = (ledger: Ledger) => ledger.rejectedStructure + ledger.rejectedRule + ledger.duplicates;

/** A ledger that does not add up is a fault of ours, never of the file: the run fails and nothing is published. */
const unbalanced = (file: string, ledger: Ledger, found: string) =>
  new Error(`The ledger of ${file} does not balance: ${found}, ledger ${JSON.stringify(ledger)}`);
