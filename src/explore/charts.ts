/** In a query process: the points of a quick chart, aggregated over all rows, and what of the rows is not among them. */

import { DorError, EXIT } from '../errors.ts';
import type { Lake } from '../query/lake.ts';
import { prepareReading } from '../query/readOnly.ts';
import { inFile } from './keep.ts';
import { type Kept, rowsOf } from './pages.ts';
import { AGGREGATES, type ChartAnswer, type ChartRequest, columnAt } from './requests.ts';

const BARS = 30;
const POINTS = 2000;
const BINS = 40;
/** Share of the rows at each end that a histogram leaves out: one absurd price would make one bin of all others. */
const END = 0.005;
/** Characters of a label. */
const LABEL = 200;

/** Columns that every point carries behind its own: what is counted over all of them. */
const COUNTS = ['places', 'counted', 'total', 'below', 'above', 'cut', 'rows'] as const;

export async function chart(
  { connection }: Lake,
  { request, ...kept }: Kept & { request: ChartRequest },
): Promise<ChartAnswer> {
  const { query, across } = question(request, kept);
  const prepared = await prepareReading(connection, query);
  const rows = (await prepared.runAndReadAll()).getRowsJson() as (string | number | null)[][];
  const own = (rows[0]?.length ?? COUNTS.length) - COUNTS.length;
  const counts = COUNTS.map((name, at) => [name, Number(rows[0]?.[own + at] ?? 0)]);
  return { across, points: rows.map((row) => row.slice(0, own)), ...Object.fromEntries(counts) };
}

/** Moments are drawn as UTC, and come as milliseconds: text of theirs would be read in the browser's time zone. */
const isMoment = (type: string) => /^(DATE|TIMESTAMP)/.test(type);
const isNumber = (type: string) => /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL)/.test(type);

/** True where a value has a place on an axis: NaN, infinity and a date that never comes have none. */
const fits = (column: string, type: string) =>
  /^(DATE|TIMESTAMP|DOUBLE|FLOAT)/.test(type)
    ? `${column} is not null and isfinite(${column})`
    : `${column} is not null`;

function question({ kind, x, y, aggregate }: ChartRequest, { file, columns }: Kept) {
  if (!AGGREGATES.includes(aggregate))
    throw new DorError(`There is no aggregate ${aggregate}`, AGGREGATES.join(', '), EXIT.usage);
  const at = columnAt(columns, x);
  const upAt = y === null ? null : columnAt(columns, y);
  const { type } = columns[at]!;
  const column = inFile(at);
  const up = upAt === null ? null : { column: inFile(upAt), type: columns[upAt]!.type };
  const value = up ? `${aggregate}(${up.column})::double` : 'count(*)';
  const from = rowsOf(file);
  const label = `left(${column}::varchar, ${LABEL})`;
  const moment = isMoment(type);
  const across: ChartAnswer['across'] = moment ? 'time' : isNumber(type) ? 'number' : 'label';
  const place = moment ? `epoch_ms(${column})` : across === 'number' ? column : label;
  const cut = across === 'label' ? `length(${column}::varchar) > ${LABEL}` : 'false';
  const all = `(select count(*) from ${from})`;
  switch (kind) {
    case 'bar':
      return {
        across: 'label' as const,
        query: `with places as (
            select ${label} as place, ${value} as v, count(*) as n, bool_or(${cut}) as cut from ${from} group by 1)
          select place, v, n, count(*) over (), sum(n) over (), sum(v) over (), 0, 0, max(cut::int) over (), ${all}
          from places order by v desc nulls last, place limit ${BARS}`,
      };
    case 'line':
      return {
        across,
        query: `with places as (
            select ${place} as place, ${value} as v, count(*) as n, bool_or(${cut}) as cut
            from ${from} where ${fits(column, type)} group by 1),
          ordered as (
            select *, row_number() over (order by place) - 1 as nth, count(*) over () as places,
              sum(n) over () as counted, max(cut::int) over () as any_cut
            from places)
          select place, v, places, counted, null, 0, 0, any_cut, ${all} from ordered
          where nth % ceil(places / ${POINTS})::bigint = 0 order by place`,
      };
    case 'dot': {
      if (!up) throw new DorError('Dots need a column for y', 'choose one with numbers', EXIT.usage);
      const both = `${fits(column, type)} and ${fits(up.column, up.type)}`;
      const n = `(select count(*) from ${from} where ${both})`;
      return {
        across,
        query: `select ${place}, ${up.column}::double, ${n}, ${n}, null, 0, 0,
            (select max((${cut})::int) from ${from} where ${both}), ${all}
          from (from ${from} where ${both}) using sample reservoir(${POINTS} rows) repeatable (1)`,
      };
    }
    case 'histogram':
      return {
        across,
        query: `with v as (select ${column}::double as v from ${from} where ${fits(column, type)}),
          ends as (select quantile_cont(v, ${END}) as low, quantile_cont(v, ${1 - END}) as high, count(*) as n from v),
          widths as (select *, greatest((high - low) / ${BINS}, 1e-9) as width from ends),
          outside as (
            select count(*) filter (where v < low) as below, count(*) filter (where v >= high + width) as above
            from v, widths)
          select low + floor((v - low) / width) * width, low + (floor((v - low) / width) + 1) * width, count(*),
            any_value(n), any_value(n), null, any_value(below), any_value(above), 0, any_value(${all})
          from v, widths, outside
          where v >= low and v < high + width group by 1, 2 order by 1`,
      };
    default:
      throw new DorError(`There is no chart ${kind}`, 'bar, line, dot, histogram', EXIT.usage);
  }
}
