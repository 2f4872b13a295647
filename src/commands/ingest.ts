import type { Argv } from 'yargs';
import { ingest } from '../ingest.ts';
import { recordProgress } from '../lake/activity.ts';
import { dataPaths } from '../lake/paths.ts';
import { createProgress } from '../progress.ts';
import { parseRedact } from '../redaction.ts';
import { summarise } from '../summary.ts';
import { allowedGuards, withGuards } from './guardOptions.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor ingest`. */
export const ingestCommand = (parser: Argv) =>
  parser.command(
    'ingest <county>',
    'Take a county (or all) from its files to the target',
    (y) =>
      withGuards(withTarget(y))
        .positional('county', { type: 'string', demandOption: true, describe: 'name or DOR number, or all' })
        .option('year', { type: 'number', describe: 'only this roll year' })
        .option('source', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'files or folders instead of the inbox',
        })
        .option('sheet', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'sheets to take from workbooks (default: all with a roll)',
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
        .option('accept-outlier', {
          alias: 'accept-drift',
          type: 'boolean',
          default: false,
          describe: 'take a roll that is far off the last good ones',
        })
        .option('max-reject-pct', {
          type: 'number',
          default: 1,
          describe: 'stop when more rows than this are rejected',
        })
        .option('redact', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'columns whose values no report, sample or log shows (default: DOR_REDACT)',
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
        .example('$0 ingest broward --source ~/Downloads/sales.xlsx --sheet Sales', 'one sheet of a workbook')
        .example('$0 ingest broward --redact owner_name,owner_addr1', 'reports and samples without them')
        .example('$0 ingest all --year 2025', 'every county in the inbox'),
    async (argv) => {
      const paths = dataPaths();
      const log = createProgress(process.stderr);
      const progress = argv.dryRun ? log : recordProgress(log, paths.lake, argv.county);
      const result = await ingest(
        {
          county: argv.county,
          year: argv.year,
          sources: argv.source,
          sheets: argv.sheet,
          dryRun: argv.dryRun,
          push: argv.push,
          force: argv.force,
          allow: allowedGuards(argv),
          acceptOutlier: argv.acceptOutlier,
          redact: parseRedact(argv.redact),
          maxRejectPct: argv.maxRejectPct,
          ...chosenTarget(argv),
          threads: argv.threads,
          memoryLimitMb: argv.memoryLimit,
          mode: argv.mode,
        },
        paths,
        progress,
      );
      if (argv.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      // With every file refused a person looks for the reason, too.
      if (!argv.json || result.manifests.length === 0) process.stderr.write(summarise(result));
      process.exitCode = result.exitCode;
    },
  );
