/** What `dor sql` has done in a query process: answers on its own output, and the words that its shell completes. */

import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { DorError, EXIT } from '../errors.ts';
import { wordsOf } from './completion.ts';
import type { Lake } from './lake.ts';
import type { Values } from './parameters.ts';
import { ask, type Format } from './runQuery.ts';
import { serve } from './serve.ts';

export interface Asked {
  query: string;
  values?: Values;
  format: Format;
  /** A file instead of standard output. */
  output: string | null;
  /** Rows that `table` and `markdown` show. */
  limit: number;
}

const jobs = {
  words: (lake: Lake) => wordsOf(lake),
  async ask(lake: Lake, { output, ...question }: Asked) {
    const out = output === null ? process.stdout : createWriteStream(output);
    return answered(out, () => ask(lake, { ...question, out }));
  },
};

export type SqlJobs = typeof jobs;

/** Waits until the rows are in the file; a file that cannot be written is the user's to mend. */
async function answered<T>(out: Writable, work: () => Promise<T>): Promise<T> {
  if (out === process.stdout) return work();
  const written = finished(out).catch((error) => {
    throw new DorError(
      `The output cannot be written: ${error.message}`,
      'choose another file',
      EXIT.unreachable,
    );
  });
  const result = await Promise.race([work(), written.then(() => undefined as never)]);
  out.end();
  await written;
  return result;
}

// A reader that goes early, such as head, is no error; the query ends where it is next written to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
await serve(jobs);
