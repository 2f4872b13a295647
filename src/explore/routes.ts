/** What the page asks, and the answers: small JSON, rows as Arrow, files as streams. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DataPaths } from '../lake/paths.ts';
import type { Values } from '../query/parameters.ts';
import { cancelled } from '../query/pool.ts';
import { deleteQuery, savedQueries, saveQuery } from '../query/saved.ts';
import type { EngineWords } from '../query/words.ts';
import { type CatalogTable, catalog } from './catalog.ts';
import { withoutPaths } from './failures.ts';
import { Gate } from './gate.ts';
import type { Door } from './guard.ts';
import { reportAddress, reports } from './reports.ts';
import { type ChartRequest, FILES, type FileFormat, PAGE_ROWS, type Sort } from './requests.ts';
import type { Results } from './results.ts';
import { runsOf } from './runs.ts';
import {
  ACTIVITY,
  ANSWER,
  CHART,
  FILE,
  PLAIN,
  QUERY,
  ROWS,
  RUN,
  SAVE,
  STOP,
  TICKET,
  UNSAVE,
} from './schemas.ts';
import type { ResultInfo } from './shelf.ts';
import { type Waiting, WaitingQueries } from './waiting.ts';
import { Watch } from './watch.ts';

/** Pages of rows that wait for somebody to take them: each is held in memory. */
const UNSENT = 8;
/** Whoever takes nothing of an answer for so long does not want it. */
const STALLED_MS = 30_000;

type ById = { Params: { id: string } };
type Waits = { Querystring: { wait?: string } };
type Sorted = { sort?: string; descending?: 'true' | 'false' };

export function addRoutes(
  server: FastifyInstance,
  results: Results,
  paths: DataPaths,
  { pass, tickets }: Door,
): void {
  const plain = { schema: PLAIN };
  // One reading for all that ask meanwhile.
  let tables: Promise<CatalogTable[]> | null = null;
  server.get('/api/catalog', plain, () => {
    tables ??= results
      .tables()
      .then((found) => catalog(found, paths.lake))
      .finally(() => {
        tables = null;
      });
    return tables;
  });
  // The words of the engine are the same as long as it runs.
  let words: Promise<EngineWords> | null = null;
  server.get('/api/words', plain, () => {
    words ??= results.words().catch((error) => {
      words = null;
      throw error;
    });
    return words;
  });
  server.get('/api/saved', plain, () => savedQueries(paths.queries));
  server.post<{ Body: { title: string; sql: string } }>('/api/saved', { schema: SAVE }, ({ body }) =>
    saveQuery(paths.queries, body.title, body.sql),
  );
  server.delete<{ Params: { name: string } }>('/api/saved/:name', { schema: UNSAVE }, ({ params }) => {
    deleteQuery(paths.queries, params.name);
    return { ok: true };
  });
  server.get('/api/runs', plain, async () => ({
    ...(await runsOf(paths.lake).last()),
    reports: reports(paths).map((one) => ({ ...one, address: reportAddress(one.name, pass) })),
  }));
  const watch = new Watch(paths);
  server.get<{ Querystring: { since?: string } }>(
    '/api/activity',
    { schema: ACTIVITY },
    ({ query }, reply) => {
      const moves = watch.look();
      return moves.version === query.since ? reply.code(204).send() : moves;
    },
  );

  // With a `wait`, in milliseconds, a page hears after that time how far its query is; without, once it is done.
  const queries = new WaitingQueries(results);
  const told = (reply: FastifyReply, answer: ResultInfo | Waiting) =>
    'waiting' in answer ? reply.code(202).send(answer) : shown(answer);
  server.put<ById & Waits & { Body: { query: string; values: Values } }>(
    '/api/queries/:id',
    { schema: RUN },
    async ({ params: { id }, query: { wait }, body }, reply) => {
      // A page that was closed wants no answer any more.
      reply.raw.on('close', () => {
        if (!reply.raw.writableFinished) queries.drop(id);
      });
      const { query, values } = body;
      if (wait === undefined) return shown(await results.run(id, query, values));
      return told(reply, await queries.run(id, query, values, Number(wait)));
    },
  );
  server.get<ById & Waits>(
    '/api/queries/:id',
    { schema: ANSWER },
    async ({ params: { id }, query: { wait } }, reply) => {
      if (wait === undefined) return shown(await results.settled(id));
      return told(reply, await queries.ask(id, Number(wait)));
    },
  );
  server.delete<ById>('/api/queries/:id', { schema: QUERY }, ({ params }) => {
    queries.drop(params.id);
    return { ok: true };
  });
  // The first rows stay, when they are there.
  server.post<ById>('/api/queries/:id/stop', { schema: STOP }, ({ params }) => {
    results.stop(params.id);
    return { ok: true };
  });
  const unsent = new Gate(UNSENT);
  server.get<ById & { Querystring: { start?: string; rows?: string } & Sorted }>(
    '/api/queries/:id/rows',
    { schema: ROWS },
    async (request, reply) => {
      const { params, query } = request;
      const { start = 0, rows = PAGE_ROWS } = query;
      const leave = await unsent.enter();
      whenOver(request, reply, leave);
      request.raw.socket.setTimeout(STALLED_MS, () => request.raw.socket.destroy());
      const bytes = await results.page(params.id, Number(start), Number(rows), sortOf(query));
      return reply.type(FILES.arrow).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );
  server.post<ById & { Body: ChartRequest }>(
    '/api/queries/:id/chart',
    { schema: CHART },
    ({ params, body }) => results.chart(params.id, body),
  );
  server.post<ById>('/api/queries/:id/ticket', { schema: TICKET }, ({ params }) => ({
    ticket: tickets.issue(params.id),
  }));
  server.get<ById & { Querystring: { format: FileFormat } & Sorted }>(
    '/api/queries/:id/file',
    { schema: FILE, config: { opens: 'ticket' } },
    async (request, reply) => {
      const { params, query } = request;
      const { format } = query;
      const gone = new AbortController();
      whenOver(request, reply, () => gone.abort(cancelled()));
      const name = `dor-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '')}.${format}`;
      const rows = await results.download(params.id, format, sortOf(query), gone.signal);
      return reply
        .type(FILES[format])
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(rows);
    },
  );

  const shown = (info: ResultInfo): ResultInfo => ({
    ...info,
    error: info.error && withoutPaths(info.error, paths),
  });
}

function sortOf({ sort, descending }: Sorted): Sort | null {
  return sort === undefined ? null : { column: sort, descending: descending === 'true' };
}

/** Once, when an answer was sent or nobody is there to take it. One that waits behind others of its connection hears of the connection alone. */
function whenOver({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply, tell: () => void): void {
  const over = () => {
    raw.off('close', over);
    socket.off('close', over);
    tell();
  };
  raw.once('close', over);
  socket.once('close', over);
}
