import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { defaultFormat, rejectsQuery } from '../status.ts';

/** `dor rejects`. */
export const rejectsCommand = (parser: Argv) =>
  parser.command(
    'rejects <county>',
    'Rows that were not accepted: line, reason, original text',
    (y) =>
      y
        .positional('county', { type: 'string', demandOption: true })
        .option('format', { choices: FORMATS, describe: 'default: table on a terminal, csv elsewhere' })
        .option('limit', { type: 'number', default: 200, describe: 'rows that table and markdown show' })
        .example('$0 rejects broward', 'what was rejected and why')
        .example('$0 rejects broward --format csv > rejects.csv', 'to send back to the county'),
    async ({ county, format, limit }) => {
      const chosen = format ?? defaultFormat(Boolean(process.stdout.isTTY));
      const query = rejectsQuery(county);
      await runQuery({ lake: dataPaths().lake, query, format: chosen, out: process.stdout, limit });
    },
  );
