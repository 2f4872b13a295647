/** Folders that a test may fill, and the command line: in this process, or in one of its own as a user runs it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT, SAMPLE } from '../src/project.ts';
import { runHere } from './inProcess.ts';

export { ROOT, SAMPLE };

/** A fresh folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dor-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A fresh data folder with an empty inbox. */
export function dataFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'inbox'));
  return folder;
}

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A data folder of its own and no server, unless `env` names one. */
const environment = (data: string, env: Record<string, string>) => ({
  SUPABASE_DB_URL: '',
  DOR_DATA: data,
  ...env,
});

/** Starts `dor` as a user does. */
export function startDor(data: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const clean = { ...process.env, ...environment(data, env) };
  return spawn(join(ROOT, 'bin/dor'), args, { env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits for a process and collects what it said. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
}

/** Runs `dor` to its end in a process of its own: where processes meet, are killed, or are what the test is about. */
export function dorProcess(
  data: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  return finished(startDor(data, args, env));
}

/** What writes through a process of its own, listens, or ends the process that it runs in. */
const needsProcess = (args: string[]) =>
  ['sql', 'explore'].includes(args[0]!) || args.includes('--help') || args.includes('-h');

/** Runs `dor` to its end, in this process where that can be: starting one costs more than most commands do. */
export async function dor(data: string, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  if (needsProcess(args)) return dorProcess(data, args, env);
  return { ...(await runHere(args, environment(data, env))), signal: null };
}

/** Runs `dor ingest … --json` and returns the parsed result beside its end. */
export async function ingest(
  data: string,
  args: string[],
  env: Record<string, string> = {},
  run: typeof dor = dor,
) {
  const end = await run(data, ['ingest', ...args, '--json'], env);
  return { ...end, result: end.stdout ? JSON.parse(end.stdout) : null };
}

/** The same in a process of its own. */
export const ingestProcess = (data: string, args: string[], env: Record<string, string> = {}) =>
  ingest(data, args, env, dorProcess);
