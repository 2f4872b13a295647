/** The committed facts that TypeScript needs: counties and the columns of each roll. SQL reads the same files. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from './closest.ts';
import { splitLine } from './csvLine.ts';
import { DorError, EXIT } from './errors.ts';
import type { County, Dataset } from './model.ts';
import { REFERENCE } from './project.ts';

export interface Field {
  name: string;
  type: FieldType;
  /** Characters; null where the guide gives none. */
  maxWidth: number | null;
  codelist: string | null;
  /** USD, count, sqft, year, …; null where the guide gives none. */
  unit: string | null;
  /** What it is, in words. */
  description: string;
  /** First and last roll year that have the column; null for always. */
  since: number | null;
  until: number | null;
}

/** How a column's text is read: sql/load/macros.sql. */
export type FieldType = 'int' | 'signed' | 'decimal' | 'char' | 'date-part' | 'digit';

const FIELDS = readReference('fields.csv');
const COUNTIES: County[] = readReference('counties.csv').map((row) => ({
  no: Number(row.co_no),
  slug: row.slug!,
  name: row.name!,
  fips: row.fips!,
}));

/** Columns of a roll in the order of the guide. */
export function fields(dataset: Dataset): Field[] {
  return FIELDS.filter((row) => row.dataset === dataset.toUpperCase()).map((row) => ({
    name: row.name!,
    type: row.type as FieldType,
    maxWidth: row.max_width ? Number(row.max_width) : null,
    codelist: row.codelist || null,
    unit: row.unit || null,
    description: row.description ?? '',
    since: row.since ? Number(row.since) : null,
    until: row.until ? Number(row.until) : null,
  }));
}

/** Whether rolls of a year have the column; of a year that is not known (NaN) they have all. */
export const isInRoll = ({ since, until }: Field, year: number): boolean =>
  !((since !== null && year < since) || (until !== null && year > until));

/** Whether DOR writes it as a number; a digit stays text for us. */
export const isWrittenAsNumber = ({ type }: Field): boolean => type !== 'char' && type !== 'date-part';

export function counties(): County[] {
  return COUNTIES;
}

/** County by DOR number, undefined when there is none. */
export function countyByNumber(no: number): County | undefined {
  return COUNTIES.find((county) => county.no === no);
}

/**
 * County by slug, name or DOR number, as people write it: `broward`, `Miami-Dade`, `dade`, `saint johns`, `16`.
 * @throws DorError when no county is called that.
 */
export function findCounty(text: string): County {
  const wanted = folded(text);
  const found = COUNTIES.find(
    (county) =>
      folded(county.slug) === wanted || folded(county.name) === wanted || String(county.no) === wanted,
  );
  if (found) return found;
  const slugs = COUNTIES.map((county) => county.slug);
  const meant = closest(wanted, slugs);
  throw new DorError(
    `There is no Florida county "${text}"`,
    `${meant ? `did you mean ${meant}? Otherwise ` : ''}use a name or DOR number of data/reference/counties.csv, such as ${slugs.slice(4, 8).join(', ')}`,
    EXIT.usage,
  );
}

/** Lower-case letters and digits only; the portal's older spellings are known. */
function folded(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/\bsaint\b/g, 'st')
    .replace(/\s+county\s*$/, '')
    .replace(/[^a-z0-9]/g, '');
  return { dade: 'miamidade', indinriver: 'indianriver' }[plain] ?? plain;
}

function readReference(name: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(join(REFERENCE, name), 'utf8').trim().split(/\r?\n/).map(splitLine);
  return lines.map((cells) =>
    Object.fromEntries(header!.map((column, index) => [column, cells[index] ?? ''])),
  );
}
