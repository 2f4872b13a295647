import { type Completion, CompletionContext, type CompletionSource } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { languageOf } from '../../web/src/completion.ts';

const column = (name: string, dor: string[] = []) => ({
  name,
  type: 'BIGINT',
  dor,
  meaning: '',
  unit: null,
  fill: null,
  distinct: null,
  min: null,
  max: null,
});
const tables = [
  {
    name: 'dor_properties',
    rows: 1,
    columns: [column('just_value', ['JV']), column('year'), column('parcel_id')],
  },
  { name: 'dor_tangible_current', rows: 1, columns: [column('account_id', ['ACCT_ID']), column('year')] },
];
const words = {
  keywords: ['select', 'from', 'qualify', 'year', 'where'],
  types: ['hugeint'],
  functions: [{ name: 'list_aggregate', kind: 'scalar', parameters: 'list, name', meaning: '' }],
};

/** What is offered at ‸, and what it is called beside. */
async function offered(marked: string, known = words as typeof words | null): Promise<string[]> {
  const position = marked.indexOf('‸');
  const state = EditorState.create({ doc: marked.replace('‸', ''), extensions: [languageOf(tables, known)] });
  const context = new CompletionContext(state, position, false);
  const found: Completion[] = [];
  for (const source of state.languageDataAt<CompletionSource>('autocomplete', position)) {
    const result = await source(context);
    const typed = result ? state.sliceDoc(result.from, position) : '';
    found.push(...(result?.options.filter(({ label }) => label.startsWith(typed)) ?? []));
  }
  return found.map(({ label, detail }) => [label, detail].filter(Boolean).join(' '));
}

test.each([
  ['select * from dor_tangible_cur‸', ['dor_tangible_current']],
  ['select jus‸ from dor_properties', ['just_value bigint JV']],
  ['select jus‸', ['just_value bigint JV']],
  ['select acc‸ from dor_properties', []],
  ['select 1 from dor_properties; select acc‸ from dor_tangible_current', ['account_id bigint ACCT_ID']],
  ['select p.just‸ from dor_properties p', ['just_value bigint JV']],
  ['select list_agg‸', ['list_aggregate (list, name)']],
  ['select 1 from x where true quali‸', ['qualify']],
  ['select yea‸ from dor_properties', ['year bigint']],
  ['select huge‸', ['hugeint']],
  ["select 'jus‸'", []],
  ['-- jus‸', []],
])('%s', async (marked, wanted) => {
  expect(await offered(marked)).toEqual(wanted);
});

test('without the words of the engine, tables and columns all the same', async () => {
  expect(await offered('select * from dor_prop‸', null)).toEqual(['dor_properties']);
});
