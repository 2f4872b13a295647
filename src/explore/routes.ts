/** What the page asks, and the answers: small JSON, rows as Arrow, files as streams, events as they happen. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import { DorError, EXIT } from '../errors.ts';
import { readActivity } from '../lake/activity.ts';
import type { DataPaths } from '../lake/paths.ts';
import type { Values } from '../query/parameters.ts';
import { savedQueries } from '../query/saved.ts';
import { catalogue, lastRuns, reports } from './catalogue.ts';
import { type ChartRequest, FILES, type FileFormat, PAGE_ROWS, type Sort } from './requests.ts';
import type { Results } from './results.ts';

const LOOK_EVERY_MS = 400;

type ById = { Params: { id: string } };
type Sorted = { Querystring: { sort?: string; descending?: string } };

export function addRoutes(server: FastifyInstance, results: Results, paths: DataPaths): void {
  server.get('/api/catalogue', async () => catalogue(await results.tables(), paths.lake));
  server.get('/api/saved', () => savedQueries());
  server.get('/api/runs', () => ({ runs: lastRuns(paths.lake), reports: reports(paths) }));
  server.get('/api/activity', (request, reply) => {
    followActivity(paths, reply);
    request.raw.socket.setTimeout(0);
  });

  server.put<ById & { Body: { query: string; values: Values } }>(
    '/api/queries/:id',
    {
      schema: {
        params: { type: 'object', properties: { id: { type: 'string', pattern: '^[a-z0-9-]{8,64}$' } } },
        body: {
          type: 'object',
          required: ['query'],
          properties: {
            query: { type: 'string' },
            values: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
          },
        },
      },
    },
    async ({ params, body }, reply) => {
      // A page that was closed wants no answer any more.
      reply.raw.on('close', () => {
        if (!reply.raw.writableFinished) results.drop(params.id);
      });
      return results.run(params.id, body.query, body.values);
    },
  );
  server.get<ById>('/api/queries/:id', ({ params }) => results.settled(params.id));
  server.delete<ById>('/api/queries/:id', ({ params }) => {
    results.drop(params.id);
    return { ok: true };
  });
  server.get<ById & { Querystring: { start?: string; rows?: string } & Sorted['Querystring'] }>(
    '/api/queries/:id/rows',
    async ({ params, query }, reply) => {
      const [start, rows] = [wholeNumber(query.start, 0), wholeNumber(query.rows, PAGE_ROWS)];
      const bytes = await results.page(params.id, start, rows, sortOf(query));
      return reply.type(FILES.arrow).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );
  server.post<ById & { Body: ChartRequest }>('/api/queries/:id/chart', ({ params, body }) =>
    results.chart(params.id, body),
  );
  server.get<ById & { Querystring: { format?: string } & Sorted['Querystring'] }>(
    '/api/queries/:id/file',
    async ({ params, query }, reply) => {
      const format = query.format as FileFormat;
      if (!Object.hasOwn(FILES, format)) throw new DorError(`There is no format ${format}`, '', EXIT.usage);
      const name = `dor-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '')}.${format}`;
      const rows = await results.download(params.id, format, sortOf(query));
      return reply
        .type(FILES[format])
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(rows);
    },
  );
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

function sortOf({ sort, descending }: Sorted['Querystring']): Sort | null {
  return sort === undefined ? null : { column: sort, descending: descending === 'true' };
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new DorError(`${text} is no number of rows`, 'ask for whole numbers from 0 on', EXIT.usage);
}
