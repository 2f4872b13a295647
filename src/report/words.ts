/** Words of a roll as a page writes them. */

import type { Dataset } from '../model.ts';
import { ROLLS } from '../rolls.ts';

/** A value of a roll, cut where a page has no room. */
export const shorten = (text: string | null, longest = 60) =>
  text && text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

/** A name that is the only one of its kind on a page of several rolls: `Ledger: Sales (SDF)`. */
export const rollOf = ({ dataset }: { dataset: Dataset }, name: string) => `${name}: ${ROLLS[dataset].label}`;
