/** Who may talk to the page's server: this machine's browser, with the token, from this page. */

import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { SESSION } from './schemas.ts';
import { Issued, newSecret, same } from './secrets.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What opens a route. Without it, as at every address without a route, the session in the header alone.
     * `open`: nothing is needed. `ticket`: the session, or a ticket for the :id, once. `pass`: the pass, as :pass.
     * The last two are for what the browser itself asks for, which sends no header of ours.
     */
    opens?: 'open' | 'ticket' | 'pass';
  }
}

/** On every answer, also on those that no route gives. */
export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Of the page itself: everything from this server, nothing inline but styles with the page's nonce. Style attributes are
 * let in, because browsers write some into text that a person edits; they can load nothing.
 */
export const pagePolicy = (nonce: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Of reports, which hold text from rolls: read without script, and reach nothing. */
export const REPORT_POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups`;

/** Where a page says its session. A header of our own, because cookies are sent to every port of a host. */
export const SESSION_HEADER = 'x-dor-session';
const SESSIONS = 64;
const TICKETS = 64;
const TICKET_MS = 60_000;

export interface Door {
  /** Stands in the address that is printed; a page trades it for a session. */
  token: string;
  sessions: Issued;
  /** Each is for the file of one result, once. */
  tickets: Issued;
  /** Part of the address of every report, as long as the server runs: reports link to each other, and are loaded again. */
  pass: string;
  /** Names that a browser may call the server by: what rebinding of names cannot fake. */
  hosts: () => string[];
}

export const newDoor = (hosts: () => string[]): Door => ({
  token: newSecret(),
  sessions: new Issued(SESSIONS),
  tickets: new Issued(TICKETS, TICKET_MS),
  pass: newSecret(),
  hosts,
});

/**
 * Checks every request, by the route that will answer it: an address can be spelled in many ways, and only the router
 * knows where each of them leads. The token comes in the fragment of the address, which no server or log sees; the page
 * trades it for a session, which no browser sends by itself.
 */
export function guard(server: FastifyInstance, door: Door): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!door.hosts().includes(request.headers.host ?? ''))
      return refuse(request, reply, 421, 'This server has another name');
    if (isForeign(request, door.hosts())) return refuse(request, reply, 403, 'Only the page itself may ask');
    if (!isOpen(request, door)) return refuse(request, reply, 401, CLOSED);
  });
  server.post<{ Body: { token: string } }>(
    '/api/session',
    { schema: SESSION, config: { opens: 'open' }, bodyLimit: 1024 },
    (request, reply) => {
      if (!same(request.body.token, door.token)) return refuse(request, reply, 401, CLOSED);
      return { session: door.sessions.issue() };
    },
  );
}

const CLOSED = 'Open the address that dor explore printed';

function isOpen({ headers, params, query, routeOptions }: FastifyRequest, door: Door): boolean {
  const { opens } = routeOptions.config;
  const { id = '', pass = '' } = (params ?? {}) as Record<string, string | undefined>;
  if (opens === 'open') return true;
  if (opens === 'pass') return same(pass, door.pass);
  if (door.sessions.knows(String(headers[SESSION_HEADER] ?? ''))) return true;
  const { ticket } = query as { ticket?: unknown };
  return opens === 'ticket' && typeof ticket === 'string' && door.tickets.take(ticket, id);
}

/** As a hook on a scope: all its routes are the page's own files, which hold no data. */
export function openRoute(route: RouteOptions): void {
  route.config = { ...route.config, opens: 'open' };
}

/** Another origin's script, form, image or frame; a person's own click or bookmark is none. */
function isForeign({ headers, method }: FastifyRequest, hosts: string[]): boolean {
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return true;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  // A link from elsewhere, or from a report, is a navigation of a whole tab; it opens no more than its address says.
  const tab = [undefined, 'document'].includes(headers['sec-fetch-dest'] as string | undefined);
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && tab);
}

/** In JSON for the page, as text for a tab: a person reads it there. */
function refuse({ headers }: FastifyRequest, reply: FastifyReply, status: number, message: string) {
  if (headers['sec-fetch-dest'] === 'document') return reply.code(status).type('text/plain').send(message);
  return reply.code(status).send({ message, remedy: '' });
}
