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

/** Points of a chart, and what of the rows is not among them. */
export interface ChartAnswer {
  /** What x is. Moments are milliseconds since 1970, UTC. */
  across: 'time' | 'number' | 'label';
  /** [x, y]; of bars [label, value, rows]; of a histogram [from, to, rows]. Wide numbers come as text. */
  points: (string | number | null)[][];
  /** How many points there would be without a limit: of bars and lines values of x, else rows. */
  places: number;
  /** Rows that have a place on the axes, drawn or not, and all rows of the result. */
  counted: number;
  rows: number;
  /** Of bars that are sums or counts: the sum over all of them. */
  total: number;
  /** Of a histogram: rows beyond its ends. */
  below: number;
  above: number;
  /** 1 when labels were cut, and those that begin with the same characters are one. */
  cut: number;
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
