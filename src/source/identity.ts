/** What a file is, by its header and first rows; the name is only a second opinion. */

import { FileRefused } from '../errors.ts';
import type { Dataset, RuleResult } from '../model.ts';
import { countyByNumber } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { type Candidate, displayName, innerName } from './candidate.ts';
import { type Header, readHeader, refuseMissing } from './header.ts';
import type { Sheet } from './xlsx/parts.ts';

export interface Identity extends Header {
  countyNo: number;
  year: number;
  /** RS_ID or TS_ID of the first row. */
  submissionId: string | null;
  name: NameParts;
  /** Sheets of a workbook that hold the roll, in the order in which they are stacked; empty for other files. */
  sheets: RollSheet[];
  /** F03, F08 and F15. */
  warnings: RuleResult[];
}

/** A sheet that holds rows of the roll. */
export interface RollSheet {
  sheet: Sheet;
  /** 1-based row of the header; titles may stand above it. */
  headerRow: number;
  /** Rows that come before the header in the file, whatever their numbers, and hold something. */
  above: number;
  /** 0-based columns of the sheet, in the order of the header's names. */
  columns: number[];
  /** The header's names as they stand there. */
  names: string[];
}

/** What the file name claims; null where it says nothing. */
interface NameParts {
  dataset: Dataset | null;
  countyNo: number | null;
  stage: string | null;
  year: number | null;
  submission: string | null;
}

/** @throws FileRefused when it is no roll, or not one that can be read. */
export function identifyRows(candidate: Candidate, header: string[], rows: string[][]): Identity {
  const label = displayName(candidate);
  const head = readHeader(candidate, header);
  const { dataset, columns } = head;
  const value = (name: string, row = rows[0] ?? []) => row[columns.indexOf(name)]?.trim() ?? '';
  const [countyNo, year] = mostCommon(rows.map((row) => [value('CO_NO', row), value('ASMNT_YR', row)]));
  const isYear = /^(19|20)\d\d$/.test(year!);
  refuseMissing(label, head, isYear ? Number(year) : Number.NaN);
  if (rows.length === 0)
    throw new FileRefused('F09', label, 'has a header and no rows', 'download the file again');
  if (!countyByNumber(Number(countyNo))) {
    const what = `CO_NO is "${countyNo}", and DOR's counties are 11 to 77`;
    throw new FileRefused('F07', label, what, 'this is no county roll, or its columns are shifted');
  }
  if (!isYear) {
    throw new FileRefused('F07', label, `ASMNT_YR is "${year}" and no year`, 'the columns may be shifted');
  }
  const identity = { ...head, countyNo: Number(countyNo), year: Number(year), name: nameParts(candidate) };
  return {
    ...identity,
    sheets: [],
    submissionId: value(ROLLS[dataset].submission) || null,
    warnings: [...head.warnings, ...nameWarnings(identity)],
  };
}

/** By DOR's pattern, such as NAL16P202401: roll, county, stage, year, submission. Words behind the roll and VAB at the end are taken, too. */
function nameParts(candidate: Pick<Candidate, 'path' | 'members'>): NameParts {
  const name = innerName(candidate);
  const found = /^(NAL|SDF|NAP)[A-Z]*?(\d{2})([A-Z])(\d{4})(\d{2})(VAB)?\b/i.exec(
    name.replaceAll(/[ _]/g, ''),
  );
  if (!found) return { dataset: null, countyNo: null, stage: null, year: null, submission: null };
  const [, dataset, county, stage, year, submission, board] = found;
  return {
    dataset: dataset!.toLowerCase() as Dataset,
    countyNo: Number(county),
    stage: stage!.toUpperCase(),
    year: Number(year),
    submission: submission! + (board ? 'VAB' : ''),
  };
}

function nameWarnings({
  name,
  dataset,
  countyNo,
  year,
}: Pick<Identity, 'name' | 'dataset' | 'countyNo' | 'year'>): RuleResult[] {
  const found = [
    name.dataset !== null && name.dataset !== dataset
      ? `the file name says ${name.dataset.toUpperCase()}, the header is a ${dataset.toUpperCase()}'s; it is read as that`
      : '',
    name.countyNo !== null && name.countyNo !== countyNo
      ? `the file name says county ${name.countyNo}, the rows say ${countyNo}; the rows count`
      : '',
    name.year !== null && name.year !== year
      ? `the file name says ${name.year}, the rows say ${year}; the rows count`
      : '',
  ].filter(Boolean);
  return found.map((message) => ({ id: 'F08', severity: 'warning', message, rows: 0, samples: [] }));
}

function mostCommon(pairs: string[][]): string[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.join('\0'), (counts.get(pair.join('\0')) ?? 0) + 1);
  return ([...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '\0').split('\0');
}
