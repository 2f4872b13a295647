/** The command line: names, options, examples; one call per command; the one catch. */

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { DorError, EXIT, explain } from './errors.ts';
import { ingest } from './ingest.ts';
import { dataPaths, SAMPLE } from './lake/paths.ts';
import { createProgress } from './progress.ts';
import { FORMATS, runQuery } from './query/runQuery.ts';
import { findCounty } from './reference.ts';
import { generateSample, parseDefects, writeCommittedSample } from './sample.ts';
import { defaultFormat, describeStatus, newestRuns, rejectsQuery } from './status.ts';
import { writeReport } from './steps/report.ts';
import { summarise } from './summary.ts';

const targetUrl = () => process.env.SUPABASE_DB_URL || undefined;

const parser = yargs(hideBin(process.argv))
  .scriptName('dor')
  .usage(
    '$0 <command>\n\nFlorida DOR property rolls: from the source file to Supabase, checked at every step.',
  )
  .command(
    'ingest <county>',
    'Take a county (or all) from its files to the target',
    (y) =>
      y
        .positional('county', { type: 'string', demandOption: true, describe: 'name or DOR number, or all' })
        .option('year', { type: 'number', describe: 'only this roll year' })
        .option('source', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'files or folders instead of the inbox',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'look at everything, write nothing' })
        .option('push', {
          type: 'boolean',
          default: true,
          describe: 'bring the target up to date (--no-push to only stage)',
        })
        .option('force', {
          type: 'boolean',
          default: false,
          describe: 'redo what is unchanged; accept an older submission',
        })
        .option('allow-deletes', {
          type: 'boolean',
          default: false,
          describe: 'delete more than 10 % of a partition',
        })
        .option('max-reject-pct', {
          type: 'number',
          default: 1,
          describe: 'stop when more rows than this are rejected',
        })
        .option('target', {
          type: 'string',
          describe: 'Postgres URL (default: SUPABASE_DB_URL, else the embedded one)',
        })
        .option('threads', { type: 'number', describe: 'instead of what routing chooses' })
        .option('memory-limit', {
          type: 'number',
          describe: 'MB for the engine, instead of what routing chooses',
        })
        .option('mode', {
          choices: ['in-memory', 'out-of-core'] as const,
          describe: 'instead of what routing chooses',
        })
        .option('json', { type: 'boolean', default: false, describe: 'the manifests as JSON on stdout' })
        .example('$0 ingest broward', 'everything of Broward that lies in data/inbox')
        .example('$0 ingest broward --source ~/Downloads/NAL16P202501.csv --no-push', 'one file, only staged')
        .example('$0 ingest all --year 2025', 'every county in the inbox'),
    async (argv) => {
      const progress = createProgress(process.stderr);
      const result = await ingest(
        {
          county: argv.county,
          year: argv.year,
          sources: argv.source,
          dryRun: argv.dryRun,
          push: argv.push,
          force: argv.force,
          allowDeletes: argv.allowDeletes,
          maxRejectPct: argv.maxRejectPct,
          targetUrl: argv.target ?? targetUrl(),
          threads: argv.threads,
          memoryLimitMb: argv.memoryLimit,
          mode: argv.mode,
        },
        dataPaths(),
        progress,
      );
      if (argv.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else process.stderr.write(summarise(result));
      process.exitCode = result.exitCode;
    },
  )
  .command(
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
  )
  .command(
    'status',
    'Partitions, their last runs and verdicts',
    (y) => y.example('$0 status', 'one line per county, roll and year'),
    () => {
      process.stdout.write(describeStatus(dataPaths().lake));
    },
  )
  .command(
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
  )
  .command(
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
  )
  .command(
    'sample',
    'Generate rolls that agree with each other, of any county and size',
    (y) =>
      y
        .option('county', { type: 'string', default: 'broward' })
        .option('year', { type: 'number', default: 2025 })
        .option('rows', { type: 'number', default: 10_000, describe: 'parcels' })
        .option('seed', { type: 'number', default: 1 })
        .option('out', {
          type: 'string',
          describe: 'folder; without it the committed sample is written again',
        })
        .option('format', { choices: ['csv', 'zip'] as const, default: 'csv' as const })
        .option('defect', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'name=share, such as bad_number=0.01',
        })
        .option('real-sales', { type: 'string', describe: 'a real SDF CSV whose parcels are used first' })
        .example('$0 sample --rows 1200000 --out /tmp/rolls', 'a roll of 650 MB')
        .example(
          '$0 sample --rows 5000 --out /tmp/rolls --defect duplicate_key=0.01',
          'one percent of it twice',
        ),
    async ({ out, county, year, rows, seed, format, defect, realSales }) => {
      const files = out
        ? await generateSample({
            out,
            county: findCounty(county),
            year,
            rows,
            seed,
            format,
            realSales,
            defects: parseDefects(defect),
          })
        : await writeCommittedSample(SAMPLE);
      for (const file of files) {
        const speed = (file.bytes / 1e6 / file.seconds).toFixed(0);
        process.stdout.write(
          `${file.path}\t${file.rows} rows\t${(file.bytes / 1e6).toFixed(1)} MB\t${speed} MB/s\t${JSON.stringify(file.defects)}\n`,
        );
      }
    },
  )
  .demandCommand(1, 'Which command?')
  .strict()
  .wrap(Math.min(120, process.stderr.columns ?? 100))
  .fail((message, error) => {
    throw error ?? new DorError(message, 'see dor --help, or dor <command> --help', EXIT.usage);
  })
  .help();

try {
  await parser.parseAsync();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = error instanceof DorError ? error.code : EXIT.usage;
}
