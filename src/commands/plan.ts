import type { Argv } from 'yargs';
import { EXIT } from '../errors.ts';
import { dataPaths, plansFolder } from '../lake/paths.ts';
import { hasWork } from '../lake/plans.ts';
import { createProgress } from '../progress.ts';
import { changeListQuery } from '../publishing/changeList.ts';
import { planCounty } from '../publishing/countyPlan.ts';
import { describePlan } from '../publishing/planText.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { allowedGuards, withGuards } from './guardOptions.ts';
import { LIMIT, rowsAtMost, tellCut } from './limitOption.ts';
import { REDACT } from './redactOption.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor plan`. */
export const planCommand = (parser: Argv) =>
  parser.command(
    'plan <county>',
    'Show what publishing the staged rows would change, and keep it as a plan',
    (y) =>
      withGuards(
        withTarget(y)
          .positional('county', { type: 'string', demandOption: true })
          .option('year', { type: 'number', describe: 'only this roll year' })
          .option('detailed-exitcode', {
            type: 'boolean',
            default: false,
            describe:
              'exit 0: nothing to do, 2: changes. Usage errors and bugs then end with 64 instead of 2',
          })
          .option('format', { choices: FORMATS, describe: 'the rows that change, one line a column' })
          .option('limit', LIMIT)
          .option('redact', REDACT)
          .option('json', { type: 'boolean', default: false, describe: 'the plan as JSON' }),
      )
        .example('$0 plan broward', 'per table: + insert ~ update - delete = same, and which columns change')
        .example('$0 plan broward --format csv > changes.csv', 'every row that would change'),
    async (argv) => {
      const paths = dataPaths();
      const redact = parseRedact(argv.redact);
      const plan = await planCounty(findCounty(argv.county), argv.year, allowedGuards(argv), {
        ...chosenTarget(argv),
        paths,
        progress: createProgress(process.stderr),
        redact,
      });
      if (argv.format) {
        process.stderr.write(describePlan(plan));
        const shown = await runQuery({
          lake: paths.lake,
          folders: [plansFolder(paths.lake)],
          query: changeListQuery(paths.lake, plan, redact),
          format: argv.format,
          out: process.stdout,
          limit: rowsAtMost(argv),
        });
        tellCut(shown);
      } else process.stdout.write(argv.json ? `${JSON.stringify(plan, null, 2)}\n` : describePlan(plan));
      const closed = plan.parts.some(({ guards }) => guards.some((one) => one.closed && !one.allowed));
      if (closed) process.exitCode = EXIT.gate;
      else if (argv.detailedExitcode && plan.parts.some(hasWork)) process.exitCode = EXIT.changes;
    },
  );
