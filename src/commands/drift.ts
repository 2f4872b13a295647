import type { Argv } from 'yargs';
import { EXIT } from '../errors.ts';
import { dataPaths, plansFolder } from '../lake/paths.ts';
import { hasWork, type PlanPart } from '../lake/plans.ts';
import { createProgress } from '../progress.ts';
import { changeListQuery } from '../publishing/changeList.ts';
import { type Drift, findDrift } from '../publishing/drift.ts';
import { describeApplied } from '../publishing/planText.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { LIMIT, rowsAtMost, tellCut } from './limitOption.ts';
import { REDACT } from './redactOption.ts';
import { chosenTarget, withTarget } from './targetOptions.ts';

/** `dor drift`. */
export const driftCommand = (parser: Argv) =>
  parser.command(
    'drift <county>',
    'Rows that someone else inserted, changed or deleted in the target since the last publication',
    (y) =>
      withTarget(y)
        .positional('county', { type: 'string', demandOption: true })
        .option('year', { type: 'number', describe: 'only this roll year' })
        .option('repair', { type: 'boolean', default: false, describe: 'bring back what was published' })
        .option('format', {
          choices: FORMATS,
          default: 'table' as const,
          describe: 'table is capped, csv is not',
        })
        .option('limit', LIMIT)
        .option('redact', REDACT)
        .example('$0 drift broward', 'exit 1 when there is any, 0 when there is none')
        .example('$0 drift broward --format csv > drift.csv', 'every row and column')
        .example('$0 drift broward --repair', 'undo it'),
    async (argv) => {
      const paths = dataPaths();
      const redact = parseRedact(argv.redact);
      const found = await findDrift(findCounty(argv.county), argv.year, argv.repair, {
        ...chosenTarget(argv),
        paths,
        progress: createProgress(process.stderr),
        redact,
      });
      process.stderr.write(describe(found));
      if (found.plan?.parts.some(hasWork)) {
        const shown = await runQuery({
          lake: paths.lake,
          folders: [plansFolder(paths.lake)],
          query: changeListQuery(paths.lake, found.plan, redact),
          format: argv.format,
          out: process.stdout,
          limit: rowsAtMost(argv),
        });
        tellCut(shown);
      }
      process.exitCode = exitCode(found);
    },
  );

function exitCode({ plan, unknown, applied }: Drift): number {
  const drifted = plan?.parts.some(hasWork) ?? false;
  return unknown.length > 0 || (drifted && !applied) ? EXIT.gate : EXIT.ok;
}

function describe({ plan, unknown, applied }: Drift): string {
  const lines = (plan?.parts ?? []).map(describePart);
  lines.push(...unknown);
  if (applied) lines.push(describeApplied(applied).trim());
  else if (plan?.parts.some(hasWork)) lines.push(`undo it with: dor apply ${plan.id}`);
  return `${lines.join('\n')}\n`;
}

function describePart(part: PlanPart): string {
  const { insert, update, delete: gone, unchanged } = part.changes;
  const name = `${part.table} ${part.county} ${part.year}`;
  if (!hasWork(part)) return `${name}: all ${unchanged} rows are as run ${part.to.run} published them`;
  const medians = part.mediansDiffer ? ', dor_medians differ' : '';
  return `${name}: by others ${gone} inserted, ${update} changed, ${insert} deleted, ${unchanged} untouched${medians}`;
}
