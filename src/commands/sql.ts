import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { defaultFormat } from '../status.ts';

/** `dor sql`. */
export const sqlCommand = (parser: Argv) =>
  parser.command(
    'sql <query>',
    'Run one read-only query over the staged Parquet files',
    (y) =>
      y
        .positional('query', { type: 'string', demandOption: true })
        .option('format', { choices: FORMATS, describe: 'default: table on a terminal, csv elsewhere' })
        .option('limit', { type: 'number', default: 200, describe: 'rows that table and markdown show' })
        .example(
          '$0 sql "select county, year, count(*) from dor_properties group by all"',
          'how much is there',
        )
        .example(
          '$0 sql "from dor_sales where is_qualified" --format parquet > sales.parquet',
          'take rows along',
        ),
    async ({ query, format, limit }) => {
      const chosen = format ?? defaultFormat(Boolean(process.stdout.isTTY));
      const { rows, cut } = await runQuery({
        lake: dataPaths().lake,
        query,
        format: chosen,
        out: process.stdout,
        limit,
      });
      if (cut)
        process.stderr.write(
          `only the first ${rows} rows are shown; more with --limit, all with --format csv\n`,
        );
    },
  );
