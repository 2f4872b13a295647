/** `--limit`, the same for every command that prints rows. */

import { DorError, EXIT } from '../errors.ts';

export const LIMIT = {
  type: 'number',
  describe: 'rows at most; without it table, markdown and line show 200, the other formats have all',
  coerce(rows: number): number {
    if (Number.isInteger(rows) && rows >= 0) return rows;
    throw new DorError('--limit needs a whole number of rows', 'such as --limit 1000', EXIT.usage);
  },
} as const;

/** Rows are not left out in silence. */
export function tellCut({ rows, cut }: { rows: number; cut: boolean }): void {
  if (cut)
    process.stderr.write(
      `only the first ${rows} rows are shown; more with --limit, all with --format csv and no limit\n`,
    );
}
