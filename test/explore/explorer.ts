/** `dor explore` as a user starts it, over a lake made from the sample. */

import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestHere } from '../inProcess.ts';
import { ROOT, startDor } from '../workspace.ts';

export interface Explorer {
  data: string;
  /** With the token. */
  address: string;
  base: string;
  /** Asks as the page would; the session is sent along. */
  ask(path: string, options?: RequestInit): Promise<Response>;
  /** What a request carries to be let in, as header lines. */
  session(): string[];
  /** Id of the server's process. */
  pid(): number;
  stop(): Promise<number | null>;
  /** Stops it and starts it again on the same port. Returns the new address. */
  restart(): Promise<string>;
}

/** Builds the page when it is not, ingests the counties, starts the server on a free port. */
export async function startExplorer(counties: string[], args: string[] = []): Promise<Explorer> {
  spawnSync('make', ['web/dist/index.html'], { cwd: ROOT, stdio: 'inherit' });
  const data = mkdtempSync(join(tmpdir(), 'dor-explore-'));
  for (const county of counties) await ingestHere(data, { county, push: false });
  let child = startDor(data, ['explore', '--port', '0', ...args]);
  const address = await firstLine(child);
  const [base] = address.split('/#') as [string];
  let headers = await openSession(address);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) =>
      child.on('close', (code, signal) => {
        if (signal) process.stderr.write(`dor explore was ended by ${signal}\n`);
        resolve(code);
      }),
    );
    child.kill('SIGINT');
    return ended;
  };
  return {
    data,
    address,
    base,
    ask: (path, options = {}) =>
      fetch(`${base}${path}`, { ...options, headers: { ...headers, ...(options.headers as object) } }),
    session: () => Object.entries(headers).map((pair) => pair.join(': ')),
    pid: () => child.pid!,
    stop,
    async restart() {
      await stop();
      child = startDor(data, ['explore', '--port', new URL(base).port, ...args]);
      const again = await firstLine(child);
      headers = await openSession(again);
      return again;
    },
  };
}

/** What the page sends with every request once it has given the token. */
async function openSession(address: string): Promise<Record<string, string>> {
  const [base, token] = address.split('/#') as [string, string];
  const answer = await fetch(`${base}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return { 'x-dor-session': ((await answer.json()) as { session: string }).session };
}

/** Asks for JSON. */
export async function json(explorer: Explorer, path: string, options?: RequestInit) {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  return (await (await explorer.ask(path, options)).json()) as any;
}

/** Starts a query as the page does and returns the answer. */
export async function put(explorer: Explorer, id: string, query: string, values = {}) {
  const response = await explorer.ask(`/api/queries/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, values }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  return { status: response.status, ...((await response.json()) as any) };
}

function firstLine(child: ChildProcess): Promise<string> {
  let [said, told] = ['', ''];
  child.stderr!.on('data', (chunk) => {
    told += chunk;
  });
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      if (said.includes('\n')) resolve(said.trim());
    });
    child.on('close', (code) => reject(new Error(`dor explore ended with ${code}: ${told}`)));
  });
}
