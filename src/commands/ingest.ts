import type { Argv } from 'yargs';
import { ingest } from '../ingest.ts';
import { recordProgress } from '../lake/activity.ts';
import { dataPaths } from '../lake/paths.ts';
import { createProgress } from '../progress.ts';
import { summarise } from '../summary.ts';
import { targetUrl } from '../target/target.ts';

/** `dor ingest`. */
export const ingestCommand = (parser: Argv) =>
  parser.command(
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
      const paths = dataPaths();
      const talk = createProgress(process.stderr);
      const progress = argv.dryRun ? talk : recordProgress(talk, paths.lake, argv.county);
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
        paths,
        progress,
      );
      if (argv.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else process.stderr.write(summarise(result));
      process.exitCode = result.exitCode;
    },
  );
