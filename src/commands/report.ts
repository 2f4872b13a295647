import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { newestRuns } from '../status.ts';
import { writeReport } from '../steps/report.ts';

/** `dor report`. */
export const reportCommand = (parser: Argv) =>
  parser.command(
    'report <county>',
    'Write the quality report of the last runs again and say where it is',
    (y) =>
      y
        .positional('county', { type: 'string', demandOption: true })
        .example('$0 report broward', 'the path of the page'),
    ({ county }) => {
      const paths = dataPaths();
      for (const runs of newestRuns(paths.lake, county))
        process.stdout.write(`${writeReport(paths, runs)}\n`);
    },
  );
