import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { createProgress } from '../progress.ts';
import { applyPlan } from '../publishing/countyPlan.ts';
import { describeApplied } from '../publishing/planText.ts';
import { allowedGuards, withGuards } from './guardOptions.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor apply`. */
export const applyCommand = (parser: Argv) =>
  parser.command(
    'apply <plan>',
    'Publish exactly what a plan says; refuse when plan, staged rows or target have moved since',
    (y) =>
      withGuards(
        withTarget(y).positional('plan', {
          type: 'string',
          demandOption: true,
          describe: 'id, or the beginning of it',
        }),
      ).example('$0 apply 20250801T120000Z-broward-1a2b3c4d', 'a plan that dor plan, rollback or drift made'),
    async (argv) => {
      const applied = await applyPlan(argv.plan, allowedGuards(argv), {
        ...chosenTarget(argv),
        paths: dataPaths(),
        progress: createProgress(process.stderr),
      });
      process.stdout.write(describeApplied(applied));
    },
  );
