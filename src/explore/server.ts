/** The local web page's server: files of the page, and the questions that it asks. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { DorError, EXIT } from '../errors.ts';
import { type DataPaths, scratchFolder } from '../lake/paths.ts';
import { ROOT } from '../project.ts';
import { jobsWithin } from '../query/pool.ts';
import { defaultDiskMb, defaultMemoryMb } from '../query/usage.ts';
import { answerFailures, answerUnreadable } from './failures.ts';
import { type Door, guard, newDoor, openRoute, pagePolicy } from './guard.ts';
import { serveReports } from './reports.ts';
import { Results } from './results.ts';
import { addRoutes } from './routes.ts';
import { PLAIN, VALIDATION } from './schemas.ts';
import { newSecret } from './secrets.ts';

export interface ExploreOptions {
  /** 0 takes any free one. */
  port: number;
  timeoutSeconds: number;
  memoryLimitMb?: number;
  diskLimitMb?: number;
}

export interface Explore {
  /** With the token; whoever has it may ask. */
  address: string;
  close(): Promise<void>;
}

/** Where the built page lies; vite makes it (`make explore`). */
const PAGE = join(ROOT, 'web/dist');
/** Stands in the built page where each answer's own nonce goes. */
const NONCE = '__NONCE__';
const RUNNING = 8;
const KEPT = 24;
/** More than many tabs; each connection can ask for many files before it takes the first. */
const CONNECTIONS = 128;

/** Starts the server on 127.0.0.1 alone. @throws DorError when the page is not built or the port is taken. */
export async function startExplore(paths: DataPaths, options: ExploreOptions): Promise<Explore> {
  if (!existsSync(join(PAGE, 'index.html')))
    throw new DorError('The page is not built yet', 'run make explore, which builds it', EXIT.usage);
  const { timeoutSeconds } = options;
  removeAbandoned(paths.lake);
  const scratch = scratchFolder(paths.lake, `${process.pid}-explore`);
  mkdirSync(scratch, { recursive: true });
  const memoryMb = options.memoryLimitMb ?? defaultMemoryMb();
  const results = new Results(
    { lake: paths.lake, scratch },
    {
      timeoutSeconds,
      memoryMb,
      diskMb: options.diskLimitMb ?? defaultDiskMb(scratch),
      running: Math.min(RUNNING, jobsWithin(memoryMb)),
      kept: KEPT,
    },
  );
  await results.warm();
  const server = newServer();
  let port = 0;
  const door = newDoor(() => [`127.0.0.1:${port}`]);
  await furnish(server, results, paths, door);
  const close = async () => {
    await server.close();
    await results.close();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    await server.listen({ host: '127.0.0.1', port: options.port });
  } catch (error) {
    await close();
    throw new DorError(
      `Port ${options.port} cannot be opened: ${(error as Error).message}`,
      'choose another one with --port',
      EXIT.busy,
    );
  }
  port = (server.server.address() as { port: number }).port;
  return { address: `http://127.0.0.1:${port}/#${door.token}`, close };
}

/** Bare: refuses what is no proper request, and whoever takes longer than a local page to say what it wants. */
export function newServer(): FastifyInstance {
  const server = fastify({
    ...VALIDATION,
    bodyLimit: 1 << 20,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    frameworkErrors: answerUnreadable,
  });
  server.server.maxConnections = CONNECTIONS;
  // A body is JSON or nothing.
  server.removeContentTypeParser('text/plain');
  return server;
}

/**
 * A file that is being sent is closed with its connection. An answer that waits behind others of the same connection
 * never hears of its end, and would keep the file open for good.
 */
async function endWithConnection({ raw: { socket } }: FastifyRequest, _reply: unknown, payload: unknown) {
  if (payload instanceof Readable) {
    const end = () => payload.destroy();
    if (socket.destroyed) end();
    socket.once('close', end);
    payload.once('close', () => socket.off('close', end));
  }
  return payload;
}

/** Everything that the server answers, behind the guard. */
export async function furnish(
  server: FastifyInstance,
  results: Results,
  paths: DataPaths,
  door: Door,
): Promise<void> {
  answerFailures(server, paths);
  guard(server, door);
  server.addHook('onSend', endWithConnection);
  await servePage(server);
  serveReports(server, paths);
  addRoutes(server, results, paths, door);
}

async function servePage(server: FastifyInstance): Promise<void> {
  // Files of the page have an address that no earlier server on this port could have put into the browser's cache.
  const prefix = `/assets/${newSecret().slice(0, 16)}/`;
  const html = readFileSync(join(PAGE, 'index.html'), 'utf8').replaceAll('/assets/', prefix);
  server.get('/', { schema: PLAIN, config: { opens: 'open' } }, (_request, reply) => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .type('text/html')
      .header('content-security-policy', pagePolicy(nonce))
      .send(html.replaceAll(NONCE, nonce));
  });
  await server.register(async (scope) => {
    scope.addHook('onRoute', openRoute);
    await scope.register(fastifyStatic, {
      root: join(PAGE, 'assets'),
      prefix,
      cacheControl: false,
      setHeaders: (response) => {
        // Names of built files carry a hash of their contents.
        response.setHeader('cache-control', 'public, max-age=31536000, immutable');
      },
    });
  });
}

/** Results of servers that were killed are nobody's. */
function removeAbandoned(lake: string): void {
  const folder = scratchFolder(lake, '');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((one) => one.endsWith('-explore'))) {
    try {
      process.kill(Number.parseInt(name, 10), 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH')
        rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
