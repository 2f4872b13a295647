import type { Argv } from 'yargs';
import { DorError, EXIT } from '../errors.ts';
import { clean } from '../lake/clean.ts';
import { dataPaths } from '../lake/paths.ts';

const KEEP = 10;

/** `dor clean`. */
export const cleanCommand = (parser: Argv) =>
  parser.command(
    'clean',
    'Remove snapshots and plans that are older than the retention keeps',
    (y) =>
      y
        .option('keep', {
          type: 'number',
          default: Number(process.env.DOR_KEEP || KEEP),
          describe: 'former publications of each partition, and plans of each county, to keep (or DOR_KEEP)',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'only say what would be removed' })
        .example('$0 clean --keep 3 --dry-run', 'what three former publications leave over'),
    async ({ keep, dryRun }) => {
      if (!Number.isInteger(keep) || keep < 0)
        throw new DorError(`--keep is no count: ${keep}`, 'give a whole number, 0 or more', EXIT.usage);
      const { removed, bytes } = await clean(dataPaths().lake, keep, dryRun);
      for (const path of removed) process.stdout.write(`${path}\n`);
      process.stderr.write(
        `${dryRun ? 'would remove' : 'removed'} ${removed.length} snapshots and plans, ${(bytes / 1e6).toFixed(1)} MB\n`,
      );
    },
  );
