import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../workspace.ts';
import { workbookOf } from './handmade.ts';
import { outcome } from './reading.ts';

/** Sheets in all; more with DOR_FUZZ. */
const RUNS = Math.ceil(Number(process.env.DOR_FUZZ ?? 400) / 4);
const STRINGS =
  '<si><t>a</t></si><si><t xml:space="preserve"> b, "c" </t></si><si><t/></si><si><t>d_e</t></si>';
/** Too small for any cell to be read at one go. */
const TINY = 100;

const text = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('x', 'MAIN ST', 'é', 'a_b', '_x0041_', 'A &amp; B', '"q", r', 'tab\t', '\r\n'),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 6000 }).map((length) => 'long '.repeat(length / 5)) },
);
const number = fc.constantFrom(
  '0',
  '-1',
  '12',
  '2025',
  '3.25',
  '0.5',
  '007',
  '1E3',
  '-0',
  '1.',
  '123456789012345',
  '1234567890123456',
  '',
);
const value = fc.oneof(
  { weight: 4, arbitrary: number.map((digits) => ['', `<v>${digits}</v>`] as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('0', '1', '2', '3').map((index) => [' t="s"', `<v>${index}</v>`] as const),
  },
  { weight: 4, arbitrary: text.map((one) => [' t="inlineStr"', `<is><t>${one}</t></is>`] as const) },
  {
    weight: 1,
    arbitrary: text.map((one) => [' t="inlineStr"', `<is><t xml:space="preserve">${one}</t></is>`] as const),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(['', ''], [' t="b"', '<v>1</v>'], [' t="str"', '<f>A1</f><v>f</v>']),
  },
);
const style = fc.constantFrom('', '', '', ' s="0"', ' s="1"');
const cells = fc.array(fc.tuple(value, style, fc.boolean()), { minLength: 1, maxLength: 30 });
const border = fc.constantFrom('', '', '', ' spans="1:9"', '>', '!');

/** A row with the given cells from column A on, every second one without its place where the flag says so. */
function row(
  number: number,
  list: typeof cells extends fc.Arbitrary<infer T> ? T : never,
  kind: string,
): string {
  const xml = list.map(([[type, content], styled, placed], index) => {
    const place = placed ? '' : ` r="${String.fromCharCode(65 + (index % 26))}${number}"`;
    return content === '' ? `<c${place}${styled}/>` : `<c${place}${styled}${type}>${content}</c>`;
  });
  const before = kind === '!' ? `<!-- ${'<row> '.repeat(500)}-->` : kind === '>' ? '\n ' : '';
  return `${before}<row r="${number}"${kind.startsWith(' ') ? kind : ''}>${xml.slice(0, 26).join('')}</row>`;
}

test('rows are the same for chunks of any size, whether cells are read at one go or tag by tag', {
  timeout: 60_000 + 200 * RUNS,
}, async () => {
  const sheet = fc.array(fc.tuple(cells, border), { minLength: 1, maxLength: 25 });
  const change = fc.option(
    fc.tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom('<', '>', '"', '/', ' ', '_', '9', 'é'),
    ),
    { freq: 2 },
  );
  await fc.assert(
    fc.asyncProperty(sheet, change, fc.integer({ min: 1, max: 9000 }), async (rows, changed, size) => {
      let xml = rows.map(([list, kind], index) => row(index + 8, list, kind)).join('');
      if (changed) {
        const at = Math.floor(changed[0] * xml.length);
        xml = xml.slice(0, at) + changed[1] + xml.slice(at + 1);
      }
      const path = join(temporaryFolder(), 'x.xlsx');
      writeFileSync(path, await workbookOf({ strings: STRINGS, sheets: [{ xml }] }));
      const slow = await outcome(path, TINY);
      expect(await outcome(path)).toBe(slow);
      expect(await outcome(path, size)).toBe(slow);
    }),
    { numRuns: RUNS },
  );
});
