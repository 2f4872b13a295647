/** Queries that were run in this browser, newest first. */

const KEY = 'dor.history';
const LENGTH = 100;

export function readHistory(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}

export function remember(query: string): string[] {
  const all = [query, ...readHistory().filter((one) => one !== query)].slice(0, LENGTH);
  localStorage.setItem(KEY, JSON.stringify(all));
  return all;
}
