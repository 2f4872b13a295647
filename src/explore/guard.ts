/** Who may talk to the page's server: this machine's browser, with the token, from this page. */

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const HEADERS = {
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
 * Checks every request. The token comes in the fragment of the address, which no server or log sees; the page trades
 * it for a cookie that scripts cannot read and other sites cannot send.
 */
export function guard(server: FastifyInstance, { token, hosts }: Door): void {
  const cookie = () => `dor_${hosts()[0]!.split(':')[1]}`;
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!hosts().includes(request.headers.host ?? ''))
      return refuse(reply, 421, 'This server has another name');
    if (isForeign(request, hosts())) return refuse(reply, 403, 'Only the page itself may ask');
    const open = !/^\/(api|reports)\//.test(request.url) || request.url === '/api/session';
    if (!open && !same(request.cookies[cookie()] ?? '', token))
      return refuse(reply, 401, 'Open the address that dor explore printed');
  });
  server.post<{ Body: { token?: unknown } }>('/api/session', (request, reply) => {
    if (!same(String(request.body?.token ?? ''), token))
      return refuse(reply, 401, 'Open the address that dor explore printed');
    return reply
      .setCookie(cookie(), token, { path: '/', httpOnly: true, sameSite: 'strict' })
      .send({ ok: true });
  });
}

/** A fresh secret, 256 bits. */
export const newToken = () => randomBytes(32).toString('base64url');

/** Another origin's script, form or image; a person's own click or bookmark is none. */
function isForeign({ headers, method }: FastifyRequest, hosts: string[]): boolean {
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return true;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  // A link to the page from elsewhere is a navigation; it gets the page, which holds no data.
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate');
}

function refuse(reply: FastifyReply, status: number, message: string) {
  return reply.code(status).send({ message, remedy: '' });
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
