/** `--limit`, the same for every command that prints rows. */

import { DorError, EXIT } from '../errors.ts';

export const LIMIT = {
  type: 'number',
  describe: 'rows at most; without it table, markdown and line show 200, the other formats have all',
} as const;

/** What was given, if anything. @throws DorError when it is no number of rows; thrown while yargs reads, it would lose its remedy. */
export function rowsAtMost({ limit }: { limit?: number }): number | undefined {
  if (limit === undefined || (Number.isInteger(limit) && limit >= 0)) return limit;
  throw new DorError('--limit needs a whole number of rows', 'such as --limit 1000', EXIT.usage);
}

/** Rows are not left out in silence. */
export function tellCut({ rows, cut }: { rows: number; cut: boolean }): void {
  if (cut)
    process.stderr.write(
      `only the first ${rows} rows are shown; more with --limit, all with --format csv and no limit\n`,
    );
}
