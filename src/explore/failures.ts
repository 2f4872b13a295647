/** What the page is told when something fails: what a person can act on, and nothing of the machine. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DorError, EXIT, explain } from '../errors.ts';
import type { DataPaths } from '../lake/paths.ts';
import { ROOT } from '../project.ts';
import { HEADERS } from './guard.ts';

export interface Failure {
  message: string;
  remedy: string;
}

/** Handlers of everything that is thrown and of addresses without a route. `tell` gets what is a bug. */
export function answerFailures(
  server: FastifyInstance,
  paths: DataPaths,
  tell: (error: unknown) => void = toTerminal,
): void {
  server.setErrorHandler((error, _request, reply) => {
    const { status, ...failure } = failureOf(error, tell);
    // Also where a file was to be sent, whose type is set already.
    return reply.code(status).type('application/json').send(withoutPaths(failure, paths));
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ message: 'There is nothing at this address', remedy: '' }),
  );
}

/** Of requests that reach no hook, because their address cannot be read. */
export function answerUnreadable(_error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(HEADERS).code(400).send({ message: 'This address cannot be read', remedy: '' });
}

/** Folders are called by their names in the project: where they lie is nobody's business who sees the page. */
export function withoutPaths({ message, remedy }: Failure, { lake, reports, queries }: DataPaths): Failure {
  const hide = (text: string) =>
    text
      .replaceAll(lake, 'data/lake')
      .replaceAll(reports, 'data/reports')
      .replaceAll(queries, 'data/queries')
      .replaceAll(`${ROOT}/`, '');
  return { message: hide(message), remedy: hide(remedy) };
}

function failureOf(error: unknown, tell: (error: unknown) => void): Failure & { status: number } {
  if (error instanceof DorError)
    return {
      status: error.code === EXIT.busy ? 429 : 400,
      message: error.message,
      remedy: error.remedy,
    };
  const { statusCode = 500, message } = error as Error & { statusCode?: number };
  if (statusCode < 500) return { status: statusCode, message, remedy: 'load the page again' };
  tell(error);
  return {
    status: 500,
    message: 'The server failed to answer',
    remedy: 'the terminal where dor explore runs says why',
  };
}

const toTerminal = (error: unknown) => process.stderr.write(`${explain(error)}\n`);
