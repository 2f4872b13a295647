/** A TCP proxy between dor and a server: the network, which a test can cut or stall. */

import { connect, createServer, type Socket } from 'node:net';

export interface TestProxy {
  port: number;
  /** The URL of a server on 127.0.0.1, by way of the proxy. */
  through(url: string): string;
  /** Ends every connection at once, on both sides. */
  cut(): void;
  /** Passes nothing on any more, on connections that exist, and tells nobody: a cable that was pulled. */
  stall(): void;
  /** Keeps back what the server says, on connections that exist. */
  mute(): void;
  /** Passes nothing on to the server for so many milliseconds, then goes on. */
  slow(ms: number): void;
  /** Refuses new connections. */
  refuse(): void;
  close(): void;
}

/**
 * @param look sees what a client is about to say and how many bytes went to the server on that connection before;
 * what it does to the proxy happens first, and 'drop' keeps the words from the server.
 */
export async function startProxy(
  serverPort: number,
  look: (words: Buffer, before: number, proxy: TestProxy) => 'pass' | 'drop' | undefined = () => 'pass',
): Promise<TestProxy> {
  const pairs = new Set<{ client: Socket; server: Socket; stalled: boolean; muted: boolean }>();
  let refusing = false;
  const listener = createServer((client) => {
    if (refusing) return client.destroy();
    const pair = { client, server: connect(serverPort, '127.0.0.1'), stalled: false, muted: false };
    pairs.add(pair);
    let sent = 0;
    client.on('data', (words) => {
      const verdict = pair.stalled ? 'drop' : look(words, sent, proxy);
      if (pair.stalled || verdict === 'drop') return;
      sent += words.length;
      if (!pair.server.write(words)) client.pause();
    });
    pair.server.on('drain', () => client.resume());
    pair.server.on('data', (words) => {
      if (!pair.stalled && !pair.muted) client.write(words);
    });
    client.on('close', () => pair.stalled || pair.server.destroy());
    pair.server.on('close', () => pair.stalled || client.destroy());
    client.on('error', () => {});
    pair.server.on('error', () => {});
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    pairs.clear();
  };
  const proxy: TestProxy = {
    port,
    through: (url) => url.replace(/:\d+\//, `:${port}/`),
    cut,
    stall() {
      for (const pair of pairs) {
        pair.stalled = true;
        // A pulled cable takes nothing in: what is sent stays where it is.
        pair.client.pause();
      }
    },
    mute() {
      for (const pair of pairs) pair.muted = true;
    },
    slow(ms) {
      for (const { client } of pairs) client.pause();
      setTimeout(() => {
        for (const { client } of pairs) client.resume();
      }, ms);
    },
    refuse() {
      refusing = true;
    },
    close() {
      cut();
      listener.close();
    },
  };
  return proxy;
}
