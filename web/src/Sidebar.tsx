/** At the left: tables and columns with how full they are, saved queries, history. */

import { useState } from 'react';
import { count, percent } from '../../src/formats.ts';
import type { CatalogTable, SavedQuery } from './api.ts';
import { OwnQueries } from './OwnQueries.tsx';

interface Props {
  tables: CatalogTable[];
  saved: SavedQuery[];
  history: string[];
  onInsert(text: string): void;
  onOpen(query: string): void;
  onDelete(name: string): void;
}

export function Sidebar({ tables, saved, history, onInsert, onOpen, onDelete }: Props) {
  const [wanted, setWanted] = useState('');
  const word = wanted.trim().toLowerCase();
  const shown = tables
    .map((table) => ({
      ...table,
      columns: table.name.includes(word)
        ? table.columns
        : table.columns.filter(({ name, dor, meaning }) =>
            [name, ...dor, meaning].some((text) => text.toLowerCase().includes(word)),
          ),
    }))
    .filter(({ columns }) => columns.length > 0);
  return (
    <nav className="sidebar" aria-label="Tables, saved queries, history">
      <input
        type="search"
        placeholder="Find a table or column"
        aria-label="Find a table or column"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <section aria-label="Tables">
        <h2>Tables</h2>
        {tables.length === 0 && <p className="hint">Nothing yet: make ingest COUNTY=…</p>}
        {shown.map((table) => (
          <TableEntry key={table.name} table={table} open={word !== ''} onInsert={onInsert} onOpen={onOpen} />
        ))}
      </section>
      <details className="group" open>
        <summary>Saved queries</summary>
        <OwnQueries queries={saved.filter(({ own }) => own)} onOpen={onOpen} onDelete={onDelete} />
        <ul>
          {saved
            .filter(({ own }) => !own)
            .map((query) => (
              <li key={query.name}>
                <button type="button" title={query.why} onClick={() => onOpen(query.sql)}>
                  {query.title}
                </button>
              </li>
            ))}
        </ul>
      </details>
      <details className="group">
        <summary>History</summary>
        <ul>
          {history.length === 0 && <li className="hint">What you run is kept here, in this browser.</li>}
          {history.map((query) => (
            <li key={query}>
              <button type="button" className="code" title={query} onClick={() => onOpen(query)}>
                {firstLine(query)}
              </button>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  );
}

interface EntryProps {
  table: CatalogTable;
  open: boolean;
  onInsert(text: string): void;
  onOpen(query: string): void;
}

function TableEntry({ table, open, onInsert, onOpen }: EntryProps) {
  return (
    <details className="table" open={open}>
      <summary>
        <span className="name">{table.name}</span>
        {table.rows !== null && <span className="count">{count(table.rows)}</span>}
      </summary>
      <button type="button" className="look" onClick={() => onOpen(`select * from ${table.name}`)}>
        Look at all rows
      </button>
      <ul>
        {table.columns.map(({ name, type, dor, meaning, fill, distinct, min, max }) => (
          <li key={name}>
            <button
              type="button"
              className="code"
              title={[
                type,
                dor.length > 0 ? `DOR: ${dor.join(', ')}` : '',
                meaning,
                fill === null ? '' : `${percent(fill, 1, 1)} filled`,
                distinct === null ? '' : `${count(distinct)} distinct`,
                min === null ? '' : `${min} … ${max}`,
              ]
                .filter(Boolean)
                .join('\n')}
              onClick={() => onInsert(name)}
            >
              <span className="name">
                {name}
                {dor.length > 0 && <small> {dor.slice(0, 2).join(' ')}</small>}
              </span>
              <span className="type">{type.toLowerCase().replace(/\(.*/s, '')}</span>
              {fill !== null && (
                <meter min={0} max={1} value={fill} aria-label={`${percent(fill, 1, 1)} filled`}>
                  {percent(fill, 1, 1)}
                </meter>
              )}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

const firstLine = (query: string) =>
  query
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join(' ')
    .slice(0, 80);
