/** A person's own queries: saved under a name as files of the data folder, opened, exported, deleted. */

import { type FormEvent, useState } from 'react';
import type { SavedQuery } from './api.ts';

interface ListProps {
  queries: SavedQuery[];
  onOpen(query: string): void;
  onDelete(name: string): void;
}

export function OwnQueries({ queries, onOpen, onDelete }: ListProps) {
  return (
    <ul className="own">
      {queries.map(({ name, title, sql }) => (
        <li key={name}>
          <button type="button" title={`data/queries/${name}.sql`} onClick={() => onOpen(sql)}>
            {title}
          </button>
          <button
            type="button"
            className="small"
            aria-label={`Export ${title}`}
            title="Export"
            onClick={() => exportFile(name, sql)}
          >
            ↓
          </button>
          <button
            type="button"
            className="small"
            aria-label={`Delete ${title}`}
            title="Delete"
            onClick={() => {
              if (confirm(`Delete the query "${title}"?`)) onDelete(name);
            }}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

function exportFile(name: string, sql: string): void {
  const address = URL.createObjectURL(new Blob([sql], { type: 'application/sql' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.sql`;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

interface SaveProps {
  /** Title of the text in the editor, when it has one. */
  title: string;
  onSave(title: string): Promise<void>;
}

export function SaveQuery({ title, onSave }: SaveProps) {
  const [open, setOpen] = useState(false);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    await onSave(String(new FormData(event.currentTarget).get('title')));
    setOpen(false);
  };
  return (
    <details className="menu" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Save</summary>
      {open && (
        <form onSubmit={save}>
          <label>
            Name <input name="title" required maxLength={80} defaultValue={title} />
          </label>
          <button type="submit">Save query</button>
        </form>
      )}
    </details>
  );
}
