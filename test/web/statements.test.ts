import { expect, test } from 'vitest';
import { statementAt, statementsOf } from '../../web/src/statements.ts';

/** The cursor stands at ‸. */
test.each([
  ['sel‸ect 1', 'select 1'],
  ['select 1;\nsel‸ect 2;', 'select 2'],
  ['sel‸ect 1; select 2', 'select 1'],
  ['select 1;‸ select 2', 'select 1'],
  ['select 1; ‸select 2', 'select 2'],
  ['select 1;\n‸\nselect 2', 'select 2'],
  ['select 1\n‸;\nselect 2', 'select 1'],
  ['select 1;\nselect 2;‸', 'select 2'],
  ['select 1;\nselect 2;\n\n‸', 'select 2'],
  ["select ';'; select '‸;' as x", "select ';' as x"],
  ['select $$;$$ ‸, 2; select 3', 'select $$;$$ , 2'],
  ['/* a; /* b; */ ; */ sel‸ect 1; select 2', '/* a; /* b; */ ; */ select 1'],
  ['select 1;\n-- of ‸two\nselect 2', '-- of two\nselect 2'],
  ['select 1;\n‸-- of two\nselect 2', '-- of two\nselect 2'],
  ['select 1;\n-- the end‸', 'select 1'],
  ['‸\n\n  select 1', 'select 1'],
])('%j', (marked, wanted) => {
  const text = marked.replace('‸', '');
  const found = statementAt(text, marked.indexOf('‸'));
  expect(found?.text).toBe(wanted);
  expect(text.slice(found!.from)).toMatch(new RegExp(`^${wanted.slice(0, 8).replace(/[*/$]/g, '\\$&')}`));
});

test('nothing to run, and all there is', () => {
  for (const text of ['', '  \n', '-- only words', '/* select 1; /* ; */ */', ';;'])
    expect(statementAt(text, text.length), text).toBeNull();
  expect(statementsOf('select 1;; -- x\nselect 2; /* ; */').map(({ text }) => text)).toEqual([
    'select 1',
    '-- x\nselect 2',
  ]);
});

test('long texts do not take long', () => {
  const time = (length: number) => {
    const started = performance.now();
    statementsOf(`select '${'a;'.repeat(length)}' /*${'/*'.repeat(length)}`);
    return performance.now() - started;
  };
  time(1000);
  expect(time(80_000)).toBeLessThan(40 * time(10_000) + 50);
});
