/** A query process without the door: it runs whatever SQL it is told, as if the door had failed. */

import type { Lake } from '../../src/query/lake.ts';
import { serve } from '../../src/query/serve.ts';

const jobs = {
  run: async ({ connection }: Lake, sql: string) => (await connection.runAndReadAll(sql)).getRowsJson(),
};

export type Anything = typeof jobs;

await serve(jobs);
