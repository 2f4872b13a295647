/** `-p name=value`: values are bound to `$name`, never spliced into the text. */

import { DorError, EXIT } from '../errors.ts';
import { findCounty } from '../reference.ts';

/** Always text: nothing is guessed, so `0123` stays `0123`. The query casts where it needs a number: `$year::int`. */
export type Values = Record<string, string>;

/** Reads `name=value` arguments. @throws DorError when one has no name. */
export function parseParameters(given: string[]): Values {
  const values: Values = {};
  for (const one of given) {
    const at = one.indexOf('=');
    if (!/^\w+$/.test(one.slice(0, at)))
      throw new DorError(`-p ${one} is no name=value`, 'write it like -p county=broward', EXIT.usage);
    values[one.slice(0, at)] = one.slice(at + 1);
  }
  return values;
}

/** Checks that the query's parameters and the values fit each other, since the engine would only say "not bound". */
export function checkParameters(wanted: string[], values: Values): void {
  const missing = wanted.filter((name) => !(name in values));
  const unknown = Object.keys(values).filter((name) => !wanted.includes(name));
  if (missing.length > 0)
    throw new DorError(
      `The query needs values for ${missing.map((name) => `$${name}`).join(', ')}`,
      `give them: ${missing.map((name) => `-p ${name}=…`).join(' ')}`,
      EXIT.usage,
    );
  if (unknown.length > 0)
    throw new DorError(
      `The query has no parameter ${unknown.map((name) => `$${name}`).join(', ')}`,
      wanted.length > 0 ? `it has ${wanted.map((name) => `$${name}`).join(', ')}` : 'it takes none',
      EXIT.usage,
    );
}

/**
 * The values as the query compares them: where its header declares `-- param: county`, any spelling of a county stands
 * for its slug. Patterns stay what they are. @throws DorError when no county is called that.
 */
export function withSlugs(query: string, values: Values): Values {
  const { county } = values;
  if (county === undefined || county.includes('%') || !/^-- param: county = /m.test(query)) return values;
  return { ...values, county: findCounty(county).slug };
}
