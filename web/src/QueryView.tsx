/** Editor, parameters, and what came out: rows or a chart. */

import type { OrderBy } from 'hightable';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type CatalogueTable, type SavedQuery, saveFile } from './api.ts';
import { Chart } from './Chart.tsx';
import { Editor, type EditorHandle } from './Editor.tsx';
import { Grid } from './Grid.tsx';
import { readHistory, remember } from './history.ts';
import { parametersOf } from './parameters.ts';
import { sortOf } from './rows.ts';
import { Sidebar } from './Sidebar.tsx';
import { type QueryState, useQuery } from './useQuery.ts';

const DRAFT = 'dor.draft';
const FIRST =
  'select county, year, count(*) as parcels, sum(just_value) as just_value\nfrom dor_properties\ngroup by all\norder by all';
const FORMATS = { csv: 'CSV', xlsx: 'Excel', parquet: 'Parquet', arrow: 'Arrow' };
/** What a sheet of Excel holds. */
const SHEET_ROWS = 1_048_575;

interface Props {
  tables: CatalogueTable[];
  saved: SavedQuery[];
}

export function QueryView({ tables, saved }: Props) {
  const editor = useRef<EditorHandle>(null);
  const [text, setText] = useState(() => localStorage.getItem(DRAFT) ?? FIRST);
  const [given, setGiven] = useState<Record<string, string>>({});
  const [history, setHistory] = useState(readHistory);
  const [view, setView] = useState<'rows' | 'chart'>('rows');
  const [orderBy, setOrderBy] = useState<OrderBy>([]);
  const [menu, setMenu] = useState(false);
  const { state, run, cancel, fail } = useQuery();
  const parameters = useMemo(() => parametersOf(text), [text]);
  const busy = state.phase === 'running' || state.phase === 'reading';

  const start = (query = editor.current!.query()) => {
    if (!query.trim()) return;
    setOrderBy([]);
    setHistory(remember(query));
    const wanted = parametersOf(query);
    void run(query, Object.fromEntries(wanted.map(({ name, value }) => [name, given[name] ?? value])));
  };
  const change = (query: string) => {
    setText(query);
    localStorage.setItem(DRAFT, query);
  };
  const open = (query: string) => {
    editor.current!.replace(query);
    setGiven({});
    setMenu(false);
    editor.current!.focus();
  };

  return (
    <div className={menu ? 'work with-menu' : 'work'}>
      <button type="button" className="menu-button" aria-expanded={menu} onClick={() => setMenu(!menu)}>
        {menu ? 'Close' : 'Tables, saved queries, history'}
      </button>
      <Sidebar
        tables={tables}
        saved={saved}
        history={history}
        onInsert={(name) => {
          setMenu(false);
          editor.current!.insert(name);
        }}
        onOpen={open}
      />
      <main className="query">
        <Editor ref={editor} initial={text} tables={tables} onRun={() => start()} onChange={change} />
        <div className="toolbar">
          {busy ? (
            <button type="button" className="primary stop" onClick={cancel}>
              Cancel
            </button>
          ) : (
            <button type="button" className="primary" onClick={() => start()} title="Ctrl+Enter">
              Run
            </button>
          )}
          {parameters.map(({ name, value, meaning }) => (
            <label key={name} className="parameter" title={meaning}>
              {name}{' '}
              <input
                value={given[name] ?? value}
                onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && !busy) start();
                }}
              />
            </label>
          ))}
          <Status state={state} />
          {state.info && state.rows && (
            <div className="after">
              <fieldset className="switch">
                <legend className="unseen">View</legend>
                {(['rows', 'chart'] as const).map((one) => (
                  <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                    {one === 'rows' ? 'Rows' : 'Chart'}
                  </button>
                ))}
              </fieldset>
              {state.phase === 'done' && (
                <details className="download">
                  <summary>Download</summary>
                  <ul>
                    {Object.entries(FORMATS).map(([format, title]) => (
                      <li key={format}>
                        <button
                          type="button"
                          onClick={() => saveFile(state.info!.id, format, sortOf(orderBy)).catch(fail)}
                        >
                          {title}
                          {format === 'xlsx' && state.info!.rows! > SHEET_ROWS && (
                            <small>
                              {' '}
                              only the first {SHEET_ROWS.toLocaleString('en-US')} rows: Excel holds no more
                            </small>
                          )}
                        </button>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          )}
        </div>
        {state.error && (
          <div className="error" role="alert">
            <pre>{state.error.message}</pre>
            {state.error.remedy && <p>{state.error.remedy}</p>}
          </div>
        )}
        {state.info && state.rows && view === 'rows' && (
          <Grid
            key={state.info.id}
            info={state.info}
            rows={state.rows}
            orderBy={orderBy}
            onOrderBy={setOrderBy}
            onError={fail}
          />
        )}
        {state.info && state.rows && view === 'chart' && (
          <Chart key={state.info.id} info={state.info} rows={state.rows} onError={fail} />
        )}
        {state.phase === 'idle' && (
          <p className="empty">
            Ctrl+Enter runs the query, or what is selected of it. Results of any size can be scrolled, sorted,
            drawn and downloaded. Nothing here can change the lake.
          </p>
        )}
      </main>
    </div>
  );
}

/** Says what is going on; read out when it changes. */
function Status({ state }: { state: QueryState }) {
  const [now, setNow] = useState(0);
  const waiting = state.phase === 'running' || state.phase === 'reading';
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [waiting]);
  const { info, phase, startedAt } = state;
  const seconds = Math.max(0, (now - startedAt) / 1000).toFixed(1);
  const count = (rows: number) => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
  return (
    <p className="status" role="status">
      {phase === 'running' && <span className="busy">running … {seconds} s</span>}
      {phase === 'reading' && (
        <span className="busy">
          the first {count(info!.ready)}; reading all … {seconds} s
        </span>
      )}
      {phase === 'done' && `${count(info!.rows!)} in ${info!.seconds.toFixed(2)} s`}
    </p>
  );
}
