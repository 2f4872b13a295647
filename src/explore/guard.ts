/** Who may talk to the page's server: this machine's browser, with the token, from this page. */

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { SESSION } from './schemas.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whoever knows the address may ask. Every other route, and every address without a route, needs the session. */
    open?: true;
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

export interface Door {
  token: string;
  /** Names that a browser may call the server by: what rebinding of names cannot fake. */
  hosts: () => string[];
}

/**
 * Checks every request, by the route that will answer it: an address can be spelled in many ways, and only the router
 * knows where each of them leads. The token comes in the fragment of the address, which no server or log sees; the page
 * trades it for a cookie that scripts cannot read and other sites cannot send.
 */
export function guard(server: FastifyInstance, { token, hosts }: Door): void {
  const cookie = () => `dor_${hosts()[0]!.split(':')[1]}`;
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!hosts().includes(request.headers.host ?? ''))
      return refuse(reply, 421, 'This server has another name');
    if (isForeign(request, hosts())) return refuse(reply, 403, 'Only the page itself may ask');
    if (request.routeOptions.config.open) return;
    if (!same(request.cookies[cookie()] ?? '', token))
      return refuse(reply, 401, 'Open the address that dor explore printed');
  });
  server.post<{ Body: { token: string } }>(
    '/api/session',
    { schema: SESSION, config: { open: true }, bodyLimit: 1024 },
    ({ body }, reply) => {
      if (!same(body.token, token)) return refuse(reply, 401, 'Open the address that dor explore printed');
      return reply
        .setCookie(cookie(), token, { path: '/', httpOnly: true, sameSite: 'strict' })
        .send({ ok: true });
    },
  );
}

/** As a hook on a scope: all its routes are the page's own files, which hold no data. */
export function openRoute(route: RouteOptions): void {
  route.config = { ...route.config, open: true };
}

/** A fresh secret, 256 bits. */
export const newToken = () => randomBytes(32).toString('base64url');

/** Another origin's script, form, image or frame; a person's own click or bookmark is none. */
function isForeign({ headers, method }: FastifyRequest, hosts: string[]): boolean {
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return true;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  // A link to the page from elsewhere is a navigation of a whole tab; it gets the page, which holds no data.
  const tab = [undefined, 'document'].includes(headers['sec-fetch-dest'] as string | undefined);
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && tab);
}

function refuse(reply: FastifyReply, status: number, message: string) {
  return reply.code(status).send({ message, remedy: '' });
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
