/** What the page asks the server. Types are the server's own. */

import type { CatalogueTable, RunLine } from '../../src/explore/catalogue.ts';
import type { ChartRequest, Sort } from '../../src/explore/requests.ts';
import type { ResultInfo } from '../../src/explore/results.ts';
import type { Activity } from '../../src/lake/activity.ts';
import type { SavedQuery } from '../../src/query/saved.ts';

export type { Activity, CatalogueTable, ChartRequest, ResultInfo, RunLine, SavedQuery, Sort };

/** An answer that says what is wrong and what to do. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

async function ask(path: string, options: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...rest } = options;
  if (json !== undefined) {
    rest.body = JSON.stringify(json);
    rest.headers = { 'content-type': 'application/json' };
  }
  const response = await fetch(path, rest).catch((error) => {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Refused('The server does not answer', 'is dor explore still running?');
  });
  if (response.ok) return response;
  const { message, remedy } = await response.json();
  throw new Refused(message, remedy);
}

const answer = async <T>(path: string, options?: RequestInit & { json?: unknown }) =>
  (await (await ask(path, options)).json()) as T;

/** With a token: opens the session. Without one: a cookie of before may do. */
export async function openSession(token: string): Promise<void> {
  if (token) await ask('/api/session', { method: 'POST', json: { token } });
  else await ask('/api/saved');
}

export const loadCatalogue = () => answer<CatalogueTable[]>('/api/catalogue');
export const loadSaved = () => answer<SavedQuery[]>('/api/saved');
export const loadRuns = () =>
  answer<{ runs: RunLine[]; reports: { name: string; changedAt: string }[] }>('/api/runs');

export const runQuery = (id: string, query: string, values: Record<string, string>) =>
  answer<ResultInfo>(`/api/queries/${id}`, { method: 'PUT', json: { query, values } });
/** Waits until all rows are there. */
export const waitFor = (id: string) => answer<ResultInfo>(`/api/queries/${id}`);
export const dropQuery = (id: string) => ask(`/api/queries/${id}`, { method: 'DELETE', keepalive: true });

export async function loadRows(
  id: string,
  start: number,
  rows: number,
  sort: Sort | null,
  signal?: AbortSignal,
) {
  const query = new URLSearchParams({ start: String(start), rows: String(rows), ...sorted(sort) });
  return (await ask(`/api/queries/${id}/rows?${query}`, { signal })).arrayBuffer();
}

export const loadChart = (id: string, request: ChartRequest) =>
  answer<{ temporal: boolean; points: (string | number | null)[][] }>(`/api/queries/${id}/chart`, {
    method: 'POST',
    json: request,
  });

/** Address of a file of all rows. */
export const fileAddress = (id: string, format: string, sort: Sort | null) =>
  `/api/queries/${id}/file?${new URLSearchParams({ format, ...sorted(sort) })}`;

const sorted = (sort: Sort | null) =>
  sort ? { sort: sort.column, descending: String(sort.descending) } : undefined;

/** Calls back whenever an ingest moves or a run ends. Returns how to stop. */
export function followActivity(
  tell: (now: { running: Activity[]; newest: string | null }) => void,
): () => void {
  const events = new EventSource('/api/activity');
  events.onmessage = ({ data }) => tell(JSON.parse(data));
  return () => events.close();
}
