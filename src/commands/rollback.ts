import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { createProgress } from '../progress.ts';
import { describeApplied, describePlan } from '../publishing/planText.ts';
import { rollback } from '../publishing/rollback.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { DATASETS } from '../rolls.ts';
import { REDACT } from './redactOption.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor rollback`. */
export const rollbackCommand = (parser: Argv) =>
  parser.command(
    'rollback <county>',
    'Bring a former publication back, exactly',
    (y) =>
      withTarget(y)
        .positional('county', { type: 'string', demandOption: true })
        .option('to', {
          type: 'string',
          describe:
            'a run, or a moment such as 2025-08-01T12:00Z (default: undo the newest publication of the county)',
        })
        .option('dataset', { choices: DATASETS, describe: 'only this roll' })
        .option('year', { type: 'number', describe: 'only this roll year' })
        .option('plan', { type: 'boolean', default: false, describe: 'only make the plan, for dor apply' })
        .option('overwrite-changes', {
          type: 'boolean',
          default: false,
          describe: 'roll back over rows that others changed since',
        })
        .option('redact', REDACT)
        .example('$0 rollback broward --plan', 'look first')
        .example('$0 rollback broward --to 2025-08-01T12:00Z', 'the whole county as it was published then'),
    async (argv) => {
      const { plan, applied } = await rollback(
        {
          county: findCounty(argv.county),
          dataset: argv.dataset,
          year: argv.year,
          to: argv.to,
          overwrite: argv.overwriteChanges,
          planOnly: argv.plan,
        },
        {
          ...chosenTarget(argv),
          paths: dataPaths(),
          progress: createProgress(process.stderr),
          redact: parseRedact(argv.redact),
        },
      );
      process.stdout.write(describePlan(plan));
      if (!applied) return;
      process.stdout.write(`\n${describeApplied(applied)}`);
      process.stderr.write(
        'What is staged has not changed: the next dor ingest publishes it again. Put the right file into the inbox first.\n',
      );
    },
  );
