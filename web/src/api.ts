/** What the page asks the server. Types are the server's own. */

import type { CatalogTable, ColumnFacts } from '../../src/explore/catalog.ts';
import type { ReportLine } from '../../src/explore/reports.ts';
import type { ChartAnswer, ChartRequest, Sort } from '../../src/explore/requests.ts';
import type { RunLine } from '../../src/explore/runs.ts';
import type { ResultInfo } from '../../src/explore/shelf.ts';
import type { Waiting } from '../../src/explore/waiting.ts';
import type { Moves } from '../../src/explore/watch.ts';
import type { Activity } from '../../src/lake/activity.ts';
import type { SavedQuery } from '../../src/query/saved.ts';
import type { EngineWords } from '../../src/query/words.ts';

export type {
  Activity,
  CatalogTable,
  ChartAnswer,
  ChartRequest,
  ColumnFacts,
  EngineWords,
  ReportLine,
  ResultInfo,
  RunLine,
  SavedQuery,
  Sort,
};

/** An answer that says what is wrong and what to do. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/**
 * The session. Kept by this origin, port included, for all its tabs, and sent as a header: a cookie would go to whatever
 * else listens on this machine. Read at each request, so that a tab of before a restart goes on with the new one.
 */
const SESSION = 'dor.session';

async function ask(path: string, options: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...rest } = options;
  const headers: Record<string, string> = { 'x-dor-session': localStorage.getItem(SESSION) ?? '' };
  if (json !== undefined) {
    rest.body = JSON.stringify(json);
    headers['content-type'] = 'application/json';
  }
  rest.headers = headers;
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

/** With a token: opens a session. Without one: that of before may do. */
export async function openSession(token: string): Promise<void> {
  if (!token) return void (await ask('/api/saved'));
  try {
    const { session } = await answer<{ session: string }>('/api/session', {
      method: 'POST',
      json: { token },
    });
    localStorage.setItem(SESSION, session);
  } catch (refused) {
    // An address of an earlier start, out of the browser's history: the session that is there may still be good.
    await ask('/api/saved').catch(() => {
      throw refused;
    });
  }
}

export const loadCatalog = () => answer<CatalogTable[]>('/api/catalog');
export const loadWords = () => answer<EngineWords>('/api/words');
export const loadSaved = () => answer<SavedQuery[]>('/api/saved');
export const saveQuery = (title: string, sql: string) =>
  answer<SavedQuery>('/api/saved', { method: 'POST', json: { title, sql } });
export const deleteQuery = (name: string) => ask(`/api/saved/${name}`, { method: 'DELETE' });
export const loadRuns = () =>
  answer<{ runs: RunLine[]; unreadable: string[]; reports: (ReportLine & { address: string })[] }>(
    '/api/runs',
  );

/** Milliseconds until the server answers with what there is: a start, another look; and between two looks. */
const WAIT = { start: 1000, look: 250, pause: 250 };

type Answer = ResultInfo | Waiting;

/**
 * Runs a query until its first rows are there. No connection is kept meanwhile: a browser has six, and other tabs, or
 * whoever cancels, need one. Stops asking when nobody wants it any more.
 */
export async function runQuery(
  id: string,
  query: string,
  values: Record<string, string>,
  wanted: () => boolean,
): Promise<ResultInfo> {
  const options = { method: 'PUT', json: { query, values } };
  let told = await answer<Answer>(`/api/queries/${id}?wait=${WAIT.start}`, options);
  while ('waiting' in told) told = await look(id, wanted);
  return told;
}

/** Waits until all rows are there. */
export async function waitFor(id: string, wanted: () => boolean): Promise<ResultInfo> {
  for (;;) {
    const told = await look(id, wanted);
    if (!('waiting' in told) && (told.rows !== null || told.error)) return told;
  }
}

async function look(id: string, wanted: () => boolean): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, WAIT.pause));
  if (!wanted()) throw new Refused('The query was cancelled', '');
  return answer<Answer>(`/api/queries/${id}?wait=${WAIT.look}`);
}

export const dropQuery = (id: string) => ask(`/api/queries/${id}`, { method: 'DELETE', keepalive: true });

/** Stops a query whose first rows stay. */
export const stopQuery = (id: string) => ask(`/api/queries/${id}/stop`, { method: 'POST', json: {} });

export async function loadRows(
  id: string,
  { start, rows, sort }: { start: number; rows: number; sort: Sort | null },
  signal?: AbortSignal,
) {
  const query = new URLSearchParams({ start: String(start), rows: String(rows), ...sorted(sort) });
  return (await ask(`/api/queries/${id}/rows?${query}`, { signal })).arrayBuffer();
}

export const loadChart = (id: string, request: ChartRequest) =>
  answer<ChartAnswer>(`/api/queries/${id}/chart`, {
    method: 'POST',
    json: request,
  });

/** Saves a file of all rows. The browser streams it to disk itself and sends no header of ours, so it gets a ticket. */
export async function saveFile(id: string, format: string, sort: Sort | null): Promise<void> {
  const { ticket } = await answer<{ ticket: string }>(`/api/queries/${id}/ticket`, {
    method: 'POST',
    json: {},
  });
  const link = document.createElement('a');
  link.href = `/api/queries/${id}/file?${new URLSearchParams({ format, ticket, ...sorted(sort) })}`;
  link.download = '';
  link.click();
}

const sorted = (sort: Sort | null) =>
  sort ? { sort: sort.column, descending: String(sort.descending) } : undefined;

/** Milliseconds between two looks: of a page that is seen, of one in the background, after a failure. */
const LOOK = { seen: 1000, hidden: 15_000, failed: 5000 };

/**
 * Calls back whenever an ingest moves or a run ends. Returns how to stop. Asked again and again, because a browser keeps
 * six connections to a host: streams that stay open would leave none to the seventh tab.
 */
export function followActivity(tell: (now: Moves) => void): () => void {
  let stopped = false;
  let wake = () => {};
  const rest = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  const follow = async () => {
    for (let since = ''; !stopped; ) {
      let pause = LOOK.seen;
      try {
        const response = await ask(`/api/activity?${new URLSearchParams({ since })}`);
        const moves = response.status === 200 ? ((await response.json()) as Moves) : null;
        since = moves?.version ?? since;
        if (moves && !stopped) tell(moves);
      } catch {
        pause = LOOK.failed;
      }
      await rest(document.hidden ? LOOK.hidden : pause);
    }
  };
  const seen = () => {
    if (!document.hidden) wake();
  };
  document.addEventListener('visibilitychange', seen);
  void follow();
  return () => {
    stopped = true;
    document.removeEventListener('visibilitychange', seen);
  };
}
