import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { describeStatus } from '../status.ts';

/** `dor status`. */
export const statusCommand = (parser: Argv) =>
  parser.command(
    'status',
    'Partitions, their last runs and verdicts',
    (y) => y.example('$0 status', 'one line per county, roll and year'),
    () => {
      process.stdout.write(describeStatus(dataPaths().lake));
    },
  );
