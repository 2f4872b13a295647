/** What can be done with a result: another one of the run, rows or chart, copy, download. */

import { count } from '../../src/formats.ts';
import { type ResultInfo, type Sort, saveFile } from './api.ts';
import { COPIED, copyRows } from './copyRows.ts';
import type { QueryState } from './useQuery.ts';

const FORMATS = { csv: 'CSV', xlsx: 'Excel', parquet: 'Parquet', arrow: 'Arrow' };
/** What a sheet of Excel holds. */
const SHEET_ROWS = 1_048_575;

interface Props {
  state: QueryState;
  info: ResultInfo;
  view: 'rows' | 'chart';
  sort: Sort | null;
  onShow(at: number): void;
  onView(view: 'rows' | 'chart'): void;
  onTold(words: string): void;
  onError(error: unknown): void;
}

export function ResultTools({ state, info, view, sort, onShow, onView, onTold, onError }: Props) {
  const copy = () =>
    copyRows(info, sort).then((copied) => {
      const all = copied === info.rows ? '' : `, the first of ${count(info.rows ?? info.ready)}`;
      onTold(`${count(copied)} ${copied === 1 ? 'row' : 'rows'} copied with headers${all}`);
    }, onError);
  return (
    <div className="after">
      {state.results.length > 1 && (
        <fieldset className="switch">
          <legend className="unseen">Results</legend>
          {state.results.map((one, at) => (
            <button
              key={one.info.id}
              type="button"
              aria-pressed={at === state.shown}
              title={one.statement.text.slice(0, 200)}
              onClick={() => onShow(at)}
            >
              {at + 1}
            </button>
          ))}
        </fieldset>
      )}
      <fieldset className="switch">
        <legend className="unseen">View</legend>
        {(['rows', 'chart'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={view === one} onClick={() => onView(one)}>
            {one === 'rows' ? 'Rows' : 'Chart'}
          </button>
        ))}
      </fieldset>
      <button type="button" onClick={copy} title={`With headers, for a sheet; ${count(COPIED)} rows at most`}>
        Copy
      </button>
      {info.rows !== null && (
        <details className="menu download">
          <summary>Download</summary>
          <ul>
            {Object.entries(FORMATS).map(([format, title]) => (
              <li key={format}>
                <button type="button" onClick={() => saveFile(info.id, format, sort).catch(onError)}>
                  {title}
                  {format === 'xlsx' && info.rows! > SHEET_ROWS && (
                    <small> only the first {count(SHEET_ROWS)} rows: Excel holds no more</small>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
