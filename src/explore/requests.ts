/** What the page may ask of a result: the words of its requests, each with its values. */

import { DorError, EXIT } from '../errors.ts';

/** A column of a result. */
export interface Column {
  name: string;
  /** As the engine names it. */
  type: string;
}

export const CHART_KINDS = ['bar', 'line', 'dot', 'histogram'] as const;
export const AGGREGATES = ['sum', 'avg', 'median', 'min', 'max'] as const;

export interface ChartRequest {
  kind: (typeof CHART_KINDS)[number];
  x: string;
  /** Null counts rows. */
  y: string | null;
  aggregate: (typeof AGGREGATES)[number];
}

export interface Sort {
  column: string;
  descending: boolean;
}

/** Formats of a download and their media types. */
export const FILES = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
export type FileFormat = keyof typeof FILES;

/** Rows of a page at most. */
export const PAGE_ROWS = 1000;

/** Place of a column. @throws DorError when the result has none of that name. */
export function columnAt(columns: Column[], name: string): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at >= 0) return at;
  throw new DorError(
    `The result has no column ${name}`,
    columns.map((column) => column.name).join(', '),
    EXIT.usage,
  );
}
