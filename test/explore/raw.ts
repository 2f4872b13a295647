/** Requests as they are written, byte for byte: fetch would tidy their addresses and refuse their headers. */

import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
}

/** Sends lines (a request line, headers) and a body; the connection is closed by the server or after the answer. */
export function raw(base: string, lines: string[], body = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
    });
    const parts: Buffer[] = [];
    // An answer that does not end is judged by what came.
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(parts).toString('latin1');
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const [first = '', ...fields] = head.split('\r\n');
      const headers = fields.map((field) => {
        const at = field.indexOf(':');
        return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
      });
      resolve({
        status: Number(first.split(' ')[1] ?? 0),
        headers: Object.fromEntries(headers),
        body: rest.join('\r\n\r\n'),
      });
    });
  });
}

/** The same with the method and the address in front. */
export const rawGet = (base: string, target: string, headers: string[] = [], method = 'GET') =>
  raw(base, [`${method} ${target} HTTP/1.1`, `Host: ${new URL(base).host}`, ...headers]);
