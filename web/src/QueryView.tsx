/** Editor, parameters, and what came out: rows or a chart. */

import type { OrderBy } from 'hightable';
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  type CatalogTable,
  deleteQuery,
  type EngineWords,
  loadSaved,
  type SavedQuery,
  saveQuery,
} from './api.ts';
import { Chart } from './Chart.tsx';
import { Editor, type EditorHandle } from './Editor.tsx';
import { factsByName, Grid } from './Grid.tsx';
import { readHistory, remember } from './history.ts';
import { SaveQuery } from './OwnQueries.tsx';
import { parametersOf } from './parameters.ts';
import { ResultTools } from './ResultTools.tsx';
import { sortOf } from './rows.ts';
import { Sidebar } from './Sidebar.tsx';
import { Status } from './Status.tsx';
import { type Statement, statementsOf } from './statements.ts';
import { useQuery } from './useQuery.ts';

const DRAFT = 'dor.draft';
const FIRST =
  'select county, year, count(*) as parcels, sum(just_value) as just_value\nfrom dor_properties\ngroup by all\norder by all';

interface Props {
  tables: CatalogTable[];
  words: EngineWords | null;
  saved: SavedQuery[];
  onSaved(saved: SavedQuery[]): void;
}

export function QueryView({ tables, words, saved, onSaved }: Props) {
  const editor = useRef<EditorHandle>(null);
  const [text, setText] = useState(() => localStorage.getItem(DRAFT) ?? FIRST);
  const [given, setGiven] = useState<Record<string, string>>({});
  const [history, setHistory] = useState(readHistory);
  const [view, setView] = useState<'rows' | 'chart'>('rows');
  const [orderBy, setOrderBy] = useState<OrderBy>([]);
  const [menu, setMenu] = useState(false);
  const [told, setTold] = useState('');
  const { state, run, cancel, show, fail } = useQuery();
  const parameters = useMemo(() => parametersOf(text), [text]);
  const busy = state.phase === 'running' || state.phase === 'reading';

  const many = useMemo(() => statementsOf(text).length > 1, [text]);
  const facts = useMemo(() => factsByName(tables), [tables]);
  const { info = null, rows = null, statement } = state.results[state.shown] ?? {};
  const wrong = state.error?.at ?? null;
  useEffect(() => editor.current!.mark(wrong), [wrong]);

  const start = (statements: Statement[]) => {
    if (statements.length === 0) return;
    setOrderBy([]);
    setTold('');
    setHistory(statements.map((one) => remember(one.text)).at(-1)!);
    void run(statements, editor.current!.text(), given);
  };
  const runChosen = () => start(editor.current!.chosen());
  const runAll = () => start(statementsOf(editor.current!.text()));
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
  const keep = async (work: () => Promise<unknown>) => {
    await work().then(async () => onSaved(await loadSaved()), fail);
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
        onDelete={(name) => void keep(() => deleteQuery(name))}
      />
      <main className="query">
        <Editor
          ref={editor}
          initial={text}
          tables={tables}
          words={words}
          onRun={(what) => (what === 'all' ? runAll() : runChosen())}
          onChange={change}
        />
        <div className="toolbar">
          {busy ? (
            <button type="button" className="primary stop" onClick={cancel}>
              Cancel
            </button>
          ) : (
            <>
              <button
                type="button"
                className="primary"
                onClick={runChosen}
                title="The selection, else the statement at the cursor (Ctrl+Enter)"
              >
                Run
              </button>
              {many && (
                <button type="button" onClick={runAll} title="One after the other (Shift+Ctrl+Enter)">
                  Run all
                </button>
              )}
            </>
          )}
          <SaveQuery
            title={/^-- title: (.*)$/m.exec(text)?.[1] ?? ''}
            onSave={(title) => keep(() => saveQuery(title, text))}
          />
          {parameters.map(({ name, value, meaning }) => (
            <label key={name} className="parameter" title={meaning}>
              {name}{' '}
              <input
                value={given[name] ?? value}
                onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && !busy) runChosen();
                }}
              />
            </label>
          ))}
          <Status state={state} told={told} />
          {info && (
            <ResultTools
              state={state}
              info={info}
              view={view}
              sort={sortOf(orderBy)}
              onShow={(at) => {
                setOrderBy([]);
                show(at);
              }}
              onView={setView}
              onTold={setTold}
              onError={fail}
            />
          )}
        </div>
        {state.error && (
          <div className="error" role="alert">
            <pre>{state.error.message}</pre>
            {state.error.remedy && <p>{state.error.remedy}</p>}
            {wrong !== null && (
              <button type="button" onClick={() => editor.current!.goTo(wrong)}>
                Go there
              </button>
            )}
          </div>
        )}
        {info && rows && (
          <div className={state.phase === 'running' ? 'result stale' : 'result'}>
            <pre className="printed">{statement?.text}</pre>
            {view === 'rows' ? (
              <Grid
                key={info.id}
                info={info}
                rows={rows}
                facts={facts}
                orderBy={orderBy}
                onOrderBy={setOrderBy}
                onError={fail}
              />
            ) : (
              <Chart key={info.id} info={info} rows={rows} onError={fail} />
            )}
          </div>
        )}
        {state.phase === 'idle' && (
          <p className="empty">
            Ctrl+Enter runs the statement at the cursor, or what is selected; Shift+Ctrl+Enter runs all of
            them. Results of any size can be scrolled, sorted, drawn and downloaded. Nothing here can change
            the lake.
          </p>
        )}
      </main>
    </div>
  );
}
