import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { DorError, EXIT } from '../errors.ts';
import { dataPaths } from '../lake/paths.ts';
import { parseParameters, type Values } from '../query/parameters.ts';
import { QueryPool } from '../query/pool.ts';
import { FORMATS, type Format } from '../query/runQuery.ts';
import { describeSaved, savedQuery, withDefaults } from '../query/saved.ts';
import { openShell, runOneCommand } from '../query/shell.ts';
import { defaultDiskMb, defaultMemoryMb, MOST_DISK_MB, MOST_MEMORY_MB } from '../query/usage.ts';
import type { SqlJobs } from '../query/worker.ts';
import { defaultFormat } from '../status.ts';
import { LIMIT, rowsAtMost, tellCut } from './limitOption.ts';

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
        .option('limit', LIMIT)
        .option('timeout', { type: 'number', describe: 'seconds after which the query is stopped' })
        .option('memory-limit', {
          type: 'number',
          describe: `MB for the query; default: half of it, at most ${MOST_MEMORY_MB}`,
        })
        .option('disk-limit', {
          type: 'number',
          describe: `MB that the query may spill to disk; default: half of what is free, at most ${MOST_DISK_MB}`,
        })
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
      if (argv.list) return void process.stdout.write(describeSaved(dataPaths().queries));
      const limit = rowsAtMost(argv);
      const { lake, history } = dataPaths();
      const asked = question(argv);
      const pool = openPool(lake, argv);
      const seconds = argv.timeout;
      const giveUp = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => {
        end(pool);
        process.exit(128 + constants.signals[signal]);
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, giveUp);
      try {
        const { output } = argv;
        const chosen = argv.format as Format | undefined;
        if (!asked) return await openShell({ pool, seconds, history, limit, format: chosen, output });
        const format = chosen ?? (defaultFormat(Boolean(process.stdout.isTTY) && !output) as Format);
        if (/^\s*\.[a-z]/.test(asked.query))
          return await runOneCommand({ pool, seconds, limit, format, output }, asked.query.trim());
        const shown = await pool.run('ask', { ...asked, format, output: output ?? null, limit }, { seconds });
        tellCut(shown);
      } finally {
        await end(pool);
      }
    },
  );

/** One process at a time: a query, or what the shell asks. */
function openPool(lake: string, limits: { memoryLimit?: number; diskLimit?: number }): QueryPool<SqlJobs> {
  const scratch = mkdtempSync(join(tmpdir(), 'dor-'));
  return new QueryPool<SqlJobs>(
    new URL('../query/worker.ts', import.meta.url),
    { lake, scratch },
    {
      memoryMb: limits.memoryLimit ?? defaultMemoryMb(),
      diskMb: limits.diskLimit ?? defaultDiskMb(scratch),
      jobs: 1,
    },
  );
}

/** Nothing is left of it: no process, no file. The processes are killed before anything is waited for. */
function end(pool: QueryPool<SqlJobs>): Promise<void> {
  const ended = pool.close();
  rmSync(pool.session.scratch, { recursive: true, force: true });
  return ended;
}

/** The query's text and values, wherever it comes from; null when a person is to type it. */
function question(argv: { query?: string; file?: string; saved?: string; param: string[] }) {
  const values: Values = parseParameters(argv.param);
  const sources = [argv.query, argv.file, argv.saved].filter((one) => one !== undefined);
  if (sources.length > 1)
    throw new DorError('More than one query was given', 'give a query, --file or --saved', EXIT.usage);
  if (argv.saved !== undefined) {
    const saved = savedQuery(argv.saved, dataPaths().queries);
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
