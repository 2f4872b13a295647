/** The whole page: two views, and whatever is being ingested above them. */

import { useEffect, useState } from 'react';
import {
  type Activity,
  type CatalogTable,
  type EngineWords,
  followActivity,
  loadCatalog,
  loadSaved,
  loadWords,
  type SavedQuery,
} from './api.ts';
import { QueryView } from './QueryView.tsx';
import { RunsView } from './RunsView.tsx';

const VIEWS = { query: 'Query', runs: 'Runs and reports' };

export function App() {
  const [view, setView] = useState<keyof typeof VIEWS>('query');
  const [tables, setTables] = useState<CatalogTable[]>([]);
  const [saved, setSaved] = useState<SavedQuery[]>([]);
  const [words, setWords] = useState<EngineWords | null>(null);
  const [running, setRunning] = useState<Activity[]>([]);
  const [stored, setStored] = useState('');

  useEffect(() => {
    loadSaved().then(setSaved, () => {});
    loadWords().then(setWords, () => {});
    return followActivity((now) => {
      setRunning(now.running);
      setStored(now.stored);
    });
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run may have brought new tables
  useEffect(() => {
    loadCatalog().then(setTables, () => {});
  }, [stored]);

  return (
    <>
      <header className="top">
        <h1>
          dor <span>explore</span>
        </h1>
        <nav aria-label="Views">
          {Object.entries(VIEWS).map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-current={view === name ? 'page' : undefined}
              onClick={() => setView(name as keyof typeof VIEWS)}
            >
              {title}
            </button>
          ))}
        </nav>
      </header>
      {running.map((one) => (
        <section key={one.pid} className="activity" aria-label={`Ingest of ${one.what}`}>
          <strong>Ingesting {one.what}</strong>
          <span>{one.step || one.lines.at(-1)}</span>
          <progress max={1} {...(one.share === null ? {} : { value: one.share })} aria-label={one.step} />
          <small>{one.lines.at(-1)}</small>
        </section>
      ))}
      {/* Kept while the other view is open, so that a result is not lost. */}
      <div className="view" hidden={view !== 'query'}>
        <QueryView tables={tables} words={words} saved={saved} onSaved={setSaved} />
      </div>
      {view === 'runs' && (
        <div className="view">
          <RunsView stored={stored} />
        </div>
      )}
    </>
  );
}
