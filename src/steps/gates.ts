/** The gates between reading a file and trusting it. */

import { DorError } from '../errors.ts';
import { percent, percentage } from '../formats.ts';
import type { Ledger, RuleResult, RunManifest } from '../model.ts';
import type { Job } from '../pipeline.ts';
import type { DeadLetterCounts } from './deadLetters.ts';

/** Enters what was read and rejected. The engine must have read what the reading counted. */
export function settleLedger(
  manifest: RunManifest,
  read: { records: number; rejected: number },
  rowsRead: number,
  dead: DeadLetterCounts,
): void {
  manifest.ledger = {
    recordsIn: read.records,
    rejectedStructure: read.rejected,
    ...dead,
    accepted: rowsRead - dead.rejectedRule - dead.duplicates,
    balanced: false,
  };
  if (rowsRead !== read.records - read.rejected)
    throw unbalanced(manifest, `the engine read ${rowsRead} rows`);
}

/** Closes the ledger: every record of the file is staged or a dead letter, or the run fails. */
export function settleStaged({ ledger, staged, ...manifest }: RunManifest): void {
  const rows = staged?.rows ?? -1;
  if (rows !== ledger.accepted || rejected(ledger) + rows !== ledger.recordsIn) {
    throw unbalanced({ ...manifest, ledger, staged }, `${rows} rows were staged`);
  }
  ledger.balanced = true;
}

/**
 * F11 and F12: is this file clean enough, is anything left of it, and as clean as the last good one? How else it differs: steps/baseline.ts.
 * @throws DorError when rows must not be staged; what was staged before stays.
 */
export function checkGates({
  manifest,
  previous,
  context,
}: Pick<Job, 'manifest' | 'previous' | 'context'>): void {
  const { ledger } = manifest;
  const share = percentage(rejected(ledger), ledger.recordsIn);
  if (share > context.maxRejectPct) {
    throw new DorError(
      `F12 ${manifest.source.file}: ${rejected(ledger)} of ${ledger.recordsIn} rows are rejected (${percent(rejected(ledger), ledger.recordsIn)}), more than ${context.maxRejectPct} %; nothing was staged or published`,
      `look at them with: dor rejects ${manifest.county}; then mend the source, or allow more with --max-reject-pct`,
    );
  }
  // Whatever share was allowed: a publication without a row would pass for one.
  if (ledger.accepted === 0)
    throw new DorError(
      `F12 ${manifest.source.file}: none of its ${ledger.recordsIn} rows is accepted; nothing was staged or published`,
      `look at them with: dor rejects ${manifest.county}; then mend the source`,
    );
  if (!previous) return;
  const before = previous.ledger.recordsIn;
  const warned = percentage(manifest.rowsWithWarning, ledger.recordsIn);
  const warnedBefore = percentage(previous.rowsWithWarning, before);
  if (warned > 2 * warnedBefore && warned > 0) {
    warn(
      manifest,
      'F11',
      `rows with a warning: ${percent(manifest.rowsWithWarning, ledger.recordsIn)}, the last accepted file had ${percent(previous.rowsWithWarning, before)}`,
    );
  }
}

const rejected = (ledger: Ledger) => ledger.rejectedStructure + ledger.rejectedRule + ledger.duplicates;

function warn(manifest: RunManifest, id: string, message: string): void {
  const rule: RuleResult = { id, severity: 'warning', message, rows: 0, samples: [] };
  manifest.fileRules.push(rule);
}

/** A ledger that does not add up is a fault of ours, never of the file: the run fails and nothing is published. */
function unbalanced(manifest: RunManifest, found: string): Error {
  return new Error(
    `The ledger of ${manifest.source.file} does not balance: ${found}, ledger ${JSON.stringify(manifest.ledger)}`,
  );
}
