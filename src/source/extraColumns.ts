/** Columns that are no field of the roll: kept as text, up to as many as the engine can carry. */

import { FileRefused } from '../errors.ts';
import { type Candidate, displayName } from './candidate.ts';

/** The engine names each in one expression; 5,000 take more memory than it has. */
const MOST_EXTRA = 1000;
/** Names in a message. */
const MOST_NAMED = 20;

/** @throws FileRefused F02. */
export function refuseTooManyExtra(candidate: Candidate, count: number): void {
  if (count <= MOST_EXTRA) return;
  const what = `has ${count} columns that are no field of the roll; ${MOST_EXTRA} are kept at most`;
  throw new FileRefused('F02', displayName(candidate), what, 'delete the columns that do not belong to it');
}

export function listNames(names: string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
