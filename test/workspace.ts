/** Folders that a test may fill, and the command line run as a user runs it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT, SAMPLE } from '../src/lake/paths.ts';

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

/** Starts `dor` with a data folder of its own and no server, unless `env` names one. */
export function startDor(data: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const clean = { ...process.env, SUPABASE_DB_URL: '', DOR_DATA: data, ...env };
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

/** Runs `dor` to its end. */
export function dor(data: string, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return finished(startDor(data, args, env));
}

/** Runs `dor ingest … --json` and returns the parsed result beside the process's end. */
export async function ingest(data: string, args: string[], env: Record<string, string> = {}) {
  const end = await dor(data, ['ingest', ...args, '--json'], env);
  return { ...end, result: end.stdout ? JSON.parse(end.stdout) : null };
}
