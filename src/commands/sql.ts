import { createWriteStream, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Argv } from 'yargs';
import { DorError, EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { parseParameters, type Values } from '../query/parameters.ts';
import { FORMATS, type Format, runQuery } from '../query/runQuery.ts';
import { describeSaved, savedQuery, withDefaults } from '../query/saved.ts';
import { openShell } from '../query/shell.ts';
import { defaultFormat } from '../status.ts';

/** `dor sql`. */
export const sqlCommand = (parser: Argv) =>
  parser.command(
    'sql [query]',
    'Ask the lake: one read-only query, a saved one, or a shell',
    (y) =>
      y
        .positional('query', {
          type: 'string',
          describe: 'without one: a shell on a terminal, else standard input',
        })
        .option('file', { alias: 'f', type: 'string', describe: 'a file with the query' })
        .option('saved', { type: 'string', describe: 'a query of sql/explore, by name' })
        .option('list', {
          type: 'boolean',
          default: false,
          describe: 'the saved queries and their parameters',
        })
        .option('param', {
          alias: 'p',
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'name=value, bound as text to $name',
        })
        .option('format', { choices: FORMATS, describe: 'default: table on a terminal, csv elsewhere' })
        .option('output', { alias: 'o', type: 'string', describe: 'a file instead of standard output' })
        .option('limit', { type: 'number', default: 200, describe: 'rows that table and markdown show' })
        .conflicts('file', 'saved')
        .example('$0 sql', 'a shell; .help there')
        .example(
          '$0 sql "select county, year, count(*) from dor_properties group by all"',
          'how much is there',
        )
        .example('$0 sql --saved top-holders -p county=broward', 'a saved query; --list has them all')
        .example(
          '$0 sql "from dor_sales where is_qualified" --format parquet -o sales.parquet',
          'take rows along',
        ),
    async (argv) => {
      if (argv.list) return void process.stdout.write(describeSaved());
      const { lake, history } = dataPaths();
      const format = argv.format ?? defaultFormat(Boolean(process.stdout.isTTY) && !argv.output);
      const asked = question(argv);
      if (!asked) return openShell({ lake, history, limit: argv.limit });
      // A reader that goes early, such as head, is no error; the query ends where it is next written to.
      process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
      const out = argv.output ? createWriteStream(argv.output) : process.stdout;
      const { rows, cut } = await answered(out, () =>
        runQuery({ lake, ...asked, format: format as Format, out, limit: argv.limit }),
      );
      if (cut)
        process.stderr.write(
          `only the first ${rows} rows are shown; more with --limit, all with --format csv\n`,
        );
    },
  );

/** The query's text and values, wherever it comes from; null when a person is to type it. */
function question(argv: { query?: string; file?: string; saved?: string; param: string[] }) {
  const values: Values = parseParameters(argv.param);
  const sources = [argv.query, argv.file, argv.saved].filter((one) => one !== undefined);
  if (sources.length > 1)
    throw new DorError('More than one query was given', 'give a query, --file or --saved', EXIT.usage);
  if (argv.saved !== undefined) {
    const saved = savedQuery(argv.saved);
    return { query: saved.sql, values: withDefaults(saved, values) };
  }
  if (argv.file !== undefined) return { query: readText(argv.file), values };
  if (argv.query !== undefined) return { query: argv.query, values };
  return process.stdin.isTTY ? null : { query: readFileSync(0, 'utf8'), values };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DorError(
      `${path} cannot be read: ${(error as Error).message}`,
      'name a file with a query',
      EXIT.usage,
    );
  }
}

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
