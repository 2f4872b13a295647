import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { describeStatus, newestOfAll } from '../status.ts';

/** `dor status`. */
export const statusCommand = (parser: Argv) =>
  parser.command(
    'status',
    'Partitions, their last runs and verdicts',
    (y) =>
      y
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'the newest manifest of each partition',
        })
        .example('$0 status', 'one line per county, roll and year'),
    ({ json }) => {
      const { lake } = dataPaths();
      process.stdout.write(json ? `${JSON.stringify(newestOfAll(lake), null, 2)}\n` : describeStatus(lake));
    },
  );
