/** The options of every command that may publish, one a guard. */

import type { Argv } from 'yargs';
import { CASCADES, GUARDS, type GuardName } from '../publishing/guards.ts';

const OPTIONS = [...GUARDS, CASCADES];

export function withGuards<T>(parser: Argv<T>): Argv<T> {
  return OPTIONS.reduce(
    (y, { flag, describe }) => y.option(flag, { type: 'boolean', default: false, describe }) as Argv<T>,
    parser,
  );
}

/** The guards whose options were given. */
export function allowedGuards(argv: object): ReadonlySet<GuardName> {
  const given = argv as Record<string, unknown>;
  return new Set(OPTIONS.filter(({ flag }) => given[flag] === true).map(({ guard }) => guard));
}
