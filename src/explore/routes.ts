/** What the page asks, and the answers: small JSON, rows as Arrow, files as streams, events as they happen. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import { readActivity } from '../lake/activity.ts';
import type { DataPaths } from '../lake/paths.ts';
import type { Values } from '../query/parameters.ts';
import { savedQueries } from '../query/saved.ts';
import { catalogue, lastRuns } from './catalogue.ts';
import { withoutPaths } from './failures.ts';
import { type ChartRequest, chart, download, FILES, PAGE_ROWS, page, type Sort } from './pages.ts';
import { reports } from './reports.ts';
import type { ResultInfo, Results } from './results.ts';
import { CHART, FILE, PLAIN, QUERY, ROWS, RUN } from './schemas.ts';

const LOOK_EVERY_MS = 400;

type ById = { Params: { id: string } };
type Sorted = { sort?: string; descending?: 'true' | 'false' };

export function addRoutes(server: FastifyInstance, results: Results, paths: DataPaths): void {
  const plain = { schema: PLAIN };
  server.get('/api/catalogue', plain, () => catalogue(results.lake, paths.lake));
  server.get('/api/saved', plain, () => savedQueries());
  server.get('/api/runs', plain, () => ({ runs: lastRuns(paths.lake), reports: reports(paths) }));
  server.get('/api/activity', plain, (request, reply) => {
    followActivity(paths, reply);
    request.raw.socket.setTimeout(0);
  });

  server.put<ById & { Body: { query: string; values: Values } }>(
    '/api/queries/:id',
    { schema: RUN },
    async ({ params, body }, reply) => {
      // A page that was closed wants no answer any more.
      reply.raw.on('close', () => {
        if (!reply.raw.writableFinished) results.drop(params.id);
      });
      return shown(await results.run(params.id, body.query, body.values));
    },
  );
  server.get<ById>('/api/queries/:id', { schema: QUERY }, async ({ params }) =>
    shown(await results.settled(params.id)),
  );
  server.delete<ById>('/api/queries/:id', { schema: QUERY }, ({ params }) => {
    results.drop(params.id);
    return { ok: true };
  });
  server.get<ById & { Querystring: { start?: string; rows?: string } & Sorted }>(
    '/api/queries/:id/rows',
    { schema: ROWS },
    async ({ params, query }, reply) => {
      const { start = 0, rows = PAGE_ROWS } = query;
      const bytes = await page(results, params.id, Number(start), Number(rows), sortOf(query));
      return reply.type(FILES.arrow).send(bytes);
    },
  );
  server.post<ById & { Body: ChartRequest }>(
    '/api/queries/:id/chart',
    { schema: CHART },
    ({ params, body }) => chart(results, params.id, body),
  );
  server.get<ById & { Querystring: { format: keyof typeof FILES } & Sorted }>(
    '/api/queries/:id/file',
    { schema: FILE },
    async ({ params, query }, reply) => {
      const { format } = query;
      const name = `dor-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '')}.${format}`;
      const rows = await download(results, params.id, format, sortOf(query));
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

/** Server-sent events: ingests at work whenever they change, and the newest run when there is a new one. */
function followActivity(paths: DataPaths, reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
  });
  let last = '';
  const look = () => {
    const text = JSON.stringify({
      running: readActivity(paths.lake),
      newest: lastRuns(paths.lake, 1)[0]?.run ?? null,
    });
    if (text !== last) reply.raw.write(`data: ${text}\n\n`);
    last = text;
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  reply.raw.on('close', () => clearInterval(timer));
}

function sortOf({ sort, descending }: Sorted): Sort | null {
  return sort === undefined ? null : { column: sort, descending: descending === 'true' };
}
