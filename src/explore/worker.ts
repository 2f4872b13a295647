/** What the page has done in query processes. */

import type { Lake } from '../query/lake.ts';
import { serve } from '../query/serve.ts';
import { columnsOf, engineWords } from '../query/words.ts';
import { chart } from './charts.ts';
import { head, keep } from './keep.ts';
import { file, order, page } from './pages.ts';

const jobs = {
  tables: async (lake: Lake) => ({ tables: lake.tables, columns: await columnsOf(lake) }),
  words: engineWords,
  head,
  keep,
  order,
  page,
  chart,
  file,
};

export type ExploreJobs = typeof jobs;

await serve(jobs);
