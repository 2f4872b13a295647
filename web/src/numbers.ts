/** Numbers as a person reads them. */

import type { ColumnFacts } from '../../src/explore/catalog.ts';

/** True for types that are read from the right. */
export const isNumber = (type: string) =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL)/.test(type);

/** Units of DOR's fields that say when, not how much. */
const WHEN = new Set(['year', 'MM', 'MMYY', 'XMMYY']);
/** Names of numbers that name a thing, a moment or a place: 2025 is no quantity, nor is county 16. */
const NAMES =
  /(^|_)(id|ids|code|cd|key|year|yr|month|mo|day|zip|zipcd|fips|page|book|line|version)\d*(_|$)|(^|_)(no|number)$/;

/**
 * Whether the digits of a column are put into groups of three. What DOR says of the field decides where it is one
 * (dollars, counts, square feet are quantities, years and codes are not), else the column's name.
 */
export function isQuantity(
  name: string,
  type: string,
  facts?: Pick<ColumnFacts, 'dor' | 'unit'> | null,
): boolean {
  if (!isNumber(type)) return false;
  if (facts?.unit) return !WHEN.has(facts.unit);
  // A number of DOR's without a unit is a code.
  if (facts?.unit === '' && facts.dor.length === 1) return false;
  return !NAMES.test(name.toLowerCase());
}

/** `1234567.5` as `1,234,567.5`; every digit stays. What is not written as plain digits stays as it is. */
export function grouped(text: string): string {
  const [, sign, whole, rest] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest ?? ''}`;
}
