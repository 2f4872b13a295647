/** A kept result as the grid wants it: rows are fetched by page as they come into sight. */

import { type Table, tableFromIPC } from 'apache-arrow';
import { createEventTarget, type DataFrame, type DataFrameEvents, type OrderBy } from 'hightable';
import { loadRows, type ResultInfo, type Sort } from './api.ts';

const PAGE = 200;
/** Pages that are remembered. */
const PAGES = 60;
/** Pages that only fly by while someone scrolls are not asked for. */
const REST_MS = 60;

/** How the grid sorts, in the server's words. */
export const sortOf = (orderBy: OrderBy | undefined): Sort | null => {
  const first = orderBy?.[0];
  return first ? { column: first.column, descending: first.direction === 'descending' } : null;
};

export interface ResultRows extends DataFrame {
  /** All rows are there: count them, and read them from where they are kept. */
  complete(info: ResultInfo): void;
  /** Done with the last row: what needs all of them waits here, not at the server. */
  whole: Promise<void>;
}

export function resultRows(info: ResultInfo): ResultRows {
  const events = createEventTarget<DataFrameEvents>();
  const pages = new Map<string, Table>();
  const columnAt = new Map(info.columns.map(({ name }, at) => [name, at]));
  let numRows = info.ready;
  let finish = () => {};
  const whole = new Promise<void>((resolve) => {
    finish = resolve;
  });
  if (info.rows !== null) finish();

  const keyOf = (at: number, orderBy: OrderBy | undefined) => {
    const sort = sortOf(orderBy);
    return `${at} ${sort?.descending ?? ''} ${sort?.column ?? ''}`;
  };

  async function fetchPage(at: number, orderBy: OrderBy | undefined, signal?: AbortSignal) {
    const key = keyOf(at, orderBy);
    if (pages.has(key)) return;
    if (orderBy?.length) await whole;
    const table = tableFromIPC(
      await loadRows(info.id, { start: at * PAGE, rows: PAGE, sort: sortOf(orderBy) }, signal),
    );
    pages.set(key, table);
    if (pages.size > PAGES) pages.delete(pages.keys().next().value!);
    events.dispatchEvent(new CustomEvent('resolve'));
  }

  return {
    columnDescriptors: info.columns.map(({ name, type }) => ({ name, sortable: true, metadata: { type } })),
    exclusiveSort: true,
    eventTarget: events,
    get numRows() {
      return numRows;
    },
    getRowNumber: ({ row }) => ({ value: row }),
    getCell({ row, column, orderBy }) {
      const table = pages.get(keyOf(Math.floor(row / PAGE), orderBy));
      const vector = table?.getChildAt(columnAt.get(column)!);
      return vector && row % PAGE < vector.length ? { value: vector.get(row % PAGE) } : undefined;
    },
    async fetch({ rowStart, rowEnd, orderBy, signal }) {
      const from = Math.floor(rowStart / PAGE);
      const wanted = Array.from(
        { length: Math.max(0, Math.ceil(rowEnd / PAGE) - from) },
        (_, at) => from + at,
      );
      const missing = wanted.filter((at) => !pages.has(keyOf(at, orderBy)));
      if (missing.length === 0) return;
      if (pages.size > 0) await rest(signal);
      await Promise.all(missing.map((at) => fetchPage(at, orderBy, signal)));
    },
    whole,
    complete(all) {
      finish();
      numRows = all.ready;
      pages.clear();
      events.dispatchEvent(new CustomEvent('numrowschange'));
      events.dispatchEvent(new CustomEvent('update'));
    },
  };
}

const rest = (signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, REST_MS);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('scrolled on', 'AbortError'));
    });
  });

const DAY = 86_400_000;

/** A cell as text. Numbers keep their digits, dates are ISO; null is told apart from an empty text by the grid. */
export function textOf(value: unknown, type: string): string {
  if (value === null || value === undefined) return '';
  if (type === 'DATE') {
    const ms = value instanceof Date ? value.getTime() : Number(value);
    return Number.isFinite(ms) ? dayText(Math.floor(ms / DAY)) : String(value);
  }
  return String(value);
}

/** The calendar repeats itself after 400 years. */
const CYCLE = { days: 146_097, years: 400 };
/** How the engine counts the days to never. */
const NEVER = 2_147_483_647;

/** A day, counted from 1970, as ISO writes it. JavaScript's own dates end in the year 275760, the engine's do not. */
function dayText(day: number): string {
  if (Math.abs(day) === NEVER) return day > 0 ? 'infinity' : '-infinity';
  const cycles = Math.floor(day / CYCLE.days);
  const date = new Date((day - cycles * CYCLE.days) * DAY);
  const year = date.getUTCFullYear() + cycles * CYCLE.years;
  return `${String(year).padStart(4, '0')}${date.toISOString().slice(4, 10)}`;
}

export const isTime = (type: string) => /^(DATE|TIMESTAMP)/.test(type);
