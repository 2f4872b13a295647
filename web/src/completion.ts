/** What the editor completes: tables, columns with and without a prefix, the engine's functions and words. */

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { SQLDialect, sql } from '@codemirror/lang-sql';
import { syntaxTree } from '@codemirror/language';
import type { EditorView } from '@codemirror/view';
import type { CatalogTable } from '../../src/explore/catalog.ts';
import type { EngineWords } from '../../src/query/words.ts';
import { statementAt } from './statements.ts';

/** Where a word is text or a name in quotes, nothing is completed. */
const NO_CODE = /String|Comment|QuotedIdentifier/;

/** The engine's SQL, with completion of everything that is known. */
export function languageOf(tables: CatalogTable[], words: EngineWords | null) {
  const names = new Set(
    tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]),
  );
  const dialect = SQLDialect.define({
    // A column that is called like a word of the engine is a column.
    keywords: (words?.keywords ?? []).filter((word) => !names.has(word)).join(' '),
    types: (words?.types ?? []).join(' '),
    doubleDollarQuotedStrings: true,
    operatorChars: '+-*/<>=~!@#%^&|`?',
    specialVar: '$',
  });
  const support = sql({
    dialect,
    schema: Object.fromEntries(tables.map(({ name, columns }) => [name, columns.map(columnOption)])),
    keywordCompletion: (label, type) => ({ label, type, boost: -1 }),
  });
  const functions = (words?.functions ?? []).map(functionOption);
  return [
    support,
    dialect.language.data.of({
      autocomplete: (context: CompletionContext) => unprefixed(context, tables, functions),
    }),
  ];
}

function unprefixed(
  context: CompletionContext,
  tables: CatalogTable[],
  functions: Completion[],
): CompletionResult | null {
  const word = context.matchBefore(/[A-Za-z_]\w*/);
  if (!word || context.state.sliceDoc(word.from - 1, word.from) === '.') return null;
  if (NO_CODE.test(syntaxTree(context.state).resolveInner(word.from, 1).name)) return null;
  const statement = statementAt(context.state.doc.toString(), context.pos)?.text ?? '';
  return { from: word.from, options: [...columnOptions(statement, tables), ...functions], validFor: /^\w*$/ };
}

/** Columns of the tables that a statement names; of all tables when it names none yet. */
export function columnOptions(statement: string, tables: CatalogTable[]): Completion[] {
  const words = new Set(statement.toLowerCase().match(/\w+/g));
  const named = tables.filter(({ name }) => words.has(name));
  const options = new Map<string, Completion>();
  for (const { columns } of named.length > 0 ? named : tables)
    for (const column of columns) {
      if (!options.has(column.name)) options.set(column.name, columnOption(column));
    }
  return [...options.values()].map((option) => ({ ...option, boost: named.length > 0 ? 2 : 0 }));
}

const columnOption = ({ name, type, dor, meaning }: CatalogTable['columns'][number]): Completion => ({
  label: name,
  type: 'property',
  detail: [type.toLowerCase().replace(/\(.*/s, ''), ...dor.slice(0, 2)].join(' '),
  ...(meaning ? { info: meaning } : {}),
});

const functionOption = ({
  name,
  kind,
  parameters,
  meaning,
}: EngineWords['functions'][number]): Completion => ({
  label: name,
  type: 'function',
  detail: `(${parameters})`,
  boost: -2,
  info: [kind === 'scalar' ? '' : `${kind} function`, meaning].filter(Boolean).join(': ') || undefined,
  apply: (view: EditorView, _: Completion, from: number, to: number) =>
    view.dispatch({
      changes: { from, to, insert: `${name}()` },
      selection: { anchor: from + name.length + (parameters ? 1 : 2) },
    }),
});
