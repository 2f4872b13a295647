/** Commands of `dor` without a process of their own: starting one costs most of a second of a core. */

import { Writable } from 'node:stream';
import { runCommand } from '../src/commandLine.ts';
import { type IngestOptions, ingest } from '../src/ingest.ts';
import { dataPaths } from '../src/lake/paths.ts';
import { runQuery } from '../src/query/runQuery.ts';
import type { TextFormat } from '../src/query/textFormats.ts';

const DEFAULTS: Omit<IngestOptions, 'county'> = {
  sources: [],
  dryRun: false,
  push: true,
  force: false,
  acceptOutlier: false,
  allow: new Set(),
  maxRejectPct: 1,
  redact: [],
};

let running = '';

/** Runs a command under this environment, which is put back, and collects what it says. One at a time. */
export async function runHere(args: string[], env: Record<string, string>) {
  if (running) throw new Error(`dor ${running} runs: two at once need processes of their own`);
  running = args.join(' ');
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const listeners = process.listeners('exit');
  const { exitCode } = process;
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  process.exitCode = 0;
  Object.assign(process.env, env);
  try {
    await runCommand(args);
    return { code: Number(process.exitCode), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    // What the command left to be done at the end of its process is done now.
    for (const listener of process.listeners('exit').filter((one) => !listeners.includes(one))) {
      process.off('exit', listener);
      listener.call(process, 0);
    }
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    process.exitCode = exitCode;
    for (const stream of [stdout, stderr]) stream.release();
    running = '';
  }
}

/** Keeps what is written to a stream of this process, instead of showing it. */
function capture(stream: NodeJS.WriteStream) {
  const { write } = stream;
  const chunks: Buffer[] = [];
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(Buffer.from(chunk as string));
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  }) as typeof write;
  return {
    text: () => Buffer.concat(chunks).toString(),
    release: () => {
      stream.write = write;
    },
  };
}

/** What `dor sql` shows of a query over the lake of a data folder, but not in a process that nothing can escape from. */
export async function asked(data: string, query: string, format: TextFormat = 'csv'): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  await runQuery({ lake: dataPaths(data).lake, query, format, out });
  return text;
}

/** The lines of a query, as CSV without its header. */
export const linesOf = async (data: string, query: string) =>
  (await asked(data, query)).trim().split(/\r?\n/).slice(1);

/** What `dor ingest <county>` does with these options, and what it says on stderr. */
export async function ingestHere(data: string, options: Partial<IngestOptions> & { county: string }) {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const progress = { begin: say, end: say, say, advance() {} };
  const result = await ingest({ ...DEFAULTS, ...options }, dataPaths(data), progress);
  const { exitCode, manifests, refused } = result;
  return { code: exitCode, stderr: said.join('\n'), manifests, refused };
}
