/** The SQL editor: CodeMirror with completion of what is in the catalogue. */

import { autocompletion } from '@codemirror/autocomplete';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import type { CatalogueTable } from './api.ts';

/** Styles that are made at run time carry the nonce of the page. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

export interface EditorHandle {
  /** The whole text, or what is selected of it. */
  query(): string;
  replace(text: string): void;
  insert(text: string): void;
  focus(): void;
}

interface Props {
  ref: Ref<EditorHandle>;
  initial: string;
  tables: CatalogueTable[];
  onRun(): void;
  onChange(text: string): void;
}

export function Editor({ ref, initial, tables, onRun, onChange }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const language = useRef(new Compartment());
  const latest = useRef({ onRun, onChange });
  latest.current = { onRun, onChange };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes goes in by effects
  useEffect(() => {
    const run = () => {
      latest.current.onRun();
      return true;
    };
    view.current = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          basicSetup,
          EditorView.lineWrapping,
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ 'aria-label': 'SQL query; Ctrl+Enter runs it' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          syntaxHighlighting(classHighlighter),
          autocompletion(),
          language.current.of(languageOf([])),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(tables)) });
  }, [tables]);

  useImperativeHandle(ref, () => ({
    query() {
      const { state } = view.current!;
      const { from, to } = state.selection.main;
      return from === to ? state.doc.toString() : state.sliceDoc(from, to);
    },
    replace(text) {
      const { state } = view.current!;
      view.current!.dispatch({
        changes: { from: 0, to: state.doc.length, insert: text },
        selection: { anchor: text.length },
        scrollIntoView: true,
      });
    },
    insert(text) {
      view.current!.dispatch(view.current!.state.replaceSelection(text));
      view.current!.focus();
    },
    focus: () => view.current!.focus(),
  }));

  return <div className="editor" ref={host} />;
}

const languageOf = (tables: CatalogueTable[]) =>
  sql({
    dialect: PostgreSQL,
    schema: Object.fromEntries(
      tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
    ),
  });
