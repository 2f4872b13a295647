/** Queries that were run in this browser, newest first. */

const KEY = 'dor.history';
const LENGTH = 100;
/** Longer ones are not remembered: a browser keeps 5 MB of everything. */
const LONGEST = 20_000;

export function readHistory(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** A browser that keeps nothing more runs queries all the same. */
export function remember(query: string): string[] {
  const all = [query, ...readHistory().filter((one) => one !== query)]
    .filter(({ length }) => length <= LONGEST)
    .slice(0, LENGTH);
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Full, or refused.
  }
  return all;
}
