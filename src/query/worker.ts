/** What `dor sql` has done in a query process: answers on its own output, and the words that its shell completes. */

import { once } from 'node:events';
import { createWriteStream, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { DorError, EXIT } from '../errors.ts';
import { whenReaderGoes } from '../terminal.ts';
import type { Lake } from './lake.ts';
import type { Values } from './parameters.ts';
import { ask, type Format } from './runQuery.ts';
import { serve } from './serve.ts';
import { wordsOf } from './words.ts';

export interface Asked {
  query: string;
  values?: Values;
  format: Format;
  /** A file instead of standard output. */
  output: string | null;
  /** Rows at most, in any format. */
  limit?: number;
}

const jobs = {
  words: (lake: Lake) => wordsOf(lake),
  ask: async (lake: Lake, { output, ...question }: Asked) =>
    output === null
      ? ask(lake, { ...question, out: process.stdout })
      : written(output, (out) => ask(lake, { ...question, out })),
};

export type SqlJobs = typeof jobs;

/** Writes aside and renames: a query that fails leaves the file of before as it was. What is no file is written to as it is. */
async function written<T>(output: string, work: (out: Writable) => Promise<T>): Promise<T> {
  const before = statSync(output, { throwIfNoEntry: false });
  const final = before ? realpathSync(output) : output;
  const aside = before && !before.isFile() ? final : `${final}.${process.pid}.tmp`;
  const out = createWriteStream(aside);
  // Before anything is asked: a query would go on for nobody.
  await once(out, 'open').catch(({ code }: NodeJS.ErrnoException) => {
    throw notWritten(`${code === 'ENOENT' ? dirname(final) : final} cannot be written to (${code})`);
  });
  try {
    const closed = finished(out).catch((error) => {
      throw notWritten(`The output cannot be written: ${error.message}`);
    });
    const result = await Promise.race([work(out), closed.then(() => undefined as never)]);
    out.end();
    await closed;
    if (aside !== final) renameSync(aside, final);
    return result;
  } catch (error) {
    out.destroy();
    if (aside !== final) rmSync(aside, { force: true });
    throw error;
  }
}

const notWritten = (what: string) => new DorError(what, 'choose another file', EXIT.unreachable);

// The query ends where it is next written to.
whenReaderGoes(() => {});
await serve(jobs);
