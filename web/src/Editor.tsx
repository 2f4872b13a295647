/** The SQL editor: CodeMirror with completion of what is in the catalog. */

import { autocompletion, closeCompletion } from '@codemirror/autocomplete';
import { syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import type { CatalogTable, EngineWords } from './api.ts';
import { languageOf } from './completion.ts';
import { type Statement, statementAt, statementsOf } from './statements.ts';
import { setWrong, wrongPlace } from './wrongPlace.ts';

/** Styles that are made at run time carry the nonce of the page. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

export interface EditorHandle {
  /** What is meant: the statements that are selected, else the one at the cursor. */
  chosen(): Statement[];
  text(): string;
  /** Marks the word at a place; null marks nothing. */
  mark(at: number | null): void;
  goTo(at: number): void;
  replace(text: string): void;
  insert(text: string): void;
  focus(): void;
}

interface Props {
  ref: Ref<EditorHandle>;
  initial: string;
  tables: CatalogTable[];
  words: EngineWords | null;
  onRun(what: 'chosen' | 'all'): void;
  onChange(text: string): void;
}

export function Editor({ ref, initial, tables, words, onRun, onChange }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const language = useRef(new Compartment());
  const latest = useRef({ onRun, onChange });
  latest.current = { onRun, onChange };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes goes in by effects
  useEffect(() => {
    const run = (what: 'chosen' | 'all') => (editor: EditorView) => {
      closeCompletion(editor);
      latest.current.onRun(what);
      return true;
    };
    view.current = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run: run('chosen') },
              { key: 'Shift-Mod-Enter', run: run('all') },
            ]),
          ),
          basicSetup,
          EditorView.lineWrapping,
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({
            'aria-label':
              'SQL query; Ctrl+Enter runs the statement at the cursor, Shift+Ctrl+Enter all of them',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          syntaxHighlighting(classHighlighter),
          autocompletion(),
          wrongPlace,
          language.current.of(languageOf([], null)),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(tables, words)) });
  }, [tables, words]);

  useImperativeHandle(ref, () => ({
    chosen() {
      const { state } = view.current!;
      const { from, to, head } = state.selection.main;
      if (from !== to) return statementsOf(state.sliceDoc(from, to), from);
      const found = statementAt(state.doc.toString(), head);
      return found ? [found] : [];
    },
    text: () => view.current!.state.doc.toString(),
    mark: (at) => view.current!.dispatch({ effects: setWrong.of(at) }),
    goTo(at) {
      const { length } = view.current!.state.doc;
      view.current!.dispatch({ selection: { anchor: Math.min(at, length) }, scrollIntoView: true });
      view.current!.focus();
    },
    replace(text) {
      const { state } = view.current!;
      view.current!.dispatch({
        changes: { from: 0, to: state.doc.length, insert: text },
        selection: { anchor: 0 },
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
