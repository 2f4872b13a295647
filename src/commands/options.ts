/** Options that several commands share. */

import type { Argv } from 'yargs';
import { GUARDS, type GuardName } from '../steps/guards.ts';

/** `--target`. */
export const targetOption = {
  type: 'string',
  describe: 'Postgres URL (default: SUPABASE_DB_URL, else the embedded one)',
} as const;

/** One option a guard. */
export function guardOptions<T>(parser: Argv<T>): Argv<T> {
  return GUARDS.reduce(
    (y, { flag, describe }) => y.option(flag, { type: 'boolean', default: false, describe }) as Argv<T>,
    parser,
  );
}

/** The guards whose options were given. */
export function allowedGuards(argv: object): ReadonlySet<GuardName> {
  const given = argv as Record<string, unknown>;
  return new Set(GUARDS.filter(({ flag }) => given[flag] === true).map(({ guard }) => guard));
}
