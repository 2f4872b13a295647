/** DOR's column names in plain words, as the guide explains them. */

import type { Dataset } from '../model.ts';
import { fields } from '../reference.ts';

/** Names of the roll's columns in a text, each once, with what they mean: `NBRHD_CD` → `county neighborhood code`. */
export function plainNames(dataset: Dataset, text: string): [name: string, plain: string][] {
  const known = meanings(dataset);
  const found = new Set(text.match(/\b[A-Z][A-Z0-9_]*\b/g) ?? []);
  return [...found].flatMap((name): [string, string][] => {
    const plain = known.get(name);
    return plain ? [[name, plain]] : [];
  });
}

/** A sentence about one column says what it is; of several the report does beside it. */
export function plainly(dataset: Dataset, message: string): string {
  const [first, second] = plainNames(dataset, message);
  return first && !second ? message.replace(first[0], `${first[0]} (${first[1]})`) : message;
}

const cache = new Map<Dataset, Map<string, string>>();

/** Rules between rolls name columns of the sales. */
function meanings(dataset: Dataset): Map<string, string> {
  const known = cache.get(dataset) ?? new Map([...meaningsOf('sdf'), ...meaningsOf(dataset)]);
  cache.set(dataset, known);
  return known;
}

const meaningsOf = (dataset: Dataset): [string, string][] =>
  fields(dataset).map(({ name, description }) => [name, lowered(description.replace(/[;,(].*$/, '').trim())]);

/** `Land just value` → `land just value`; `JV of …` stays. */
const lowered = (text: string) => text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
