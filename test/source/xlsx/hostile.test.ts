import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XlsxError } from '../../../src/source/xlsx/errors.ts';
import { XLSX_LIMITS } from '../../../src/source/xlsx/limits.ts';
import { isoDate, renderNumber } from '../../../src/source/xlsx/numbers.ts';
import { SharedStrings } from '../../../src/source/xlsx/sharedStrings.ts';
import { readStyles } from '../../../src/source/xlsx/styles.ts';
import { parseXml } from '../../../src/source/xlsx/xmlTree.ts';
import { temporaryFolder } from '../../workspace.ts';
import { CASES } from './cases.ts';
import { type Handmade, workbookOf } from './handmade.ts';
import { outcome, readAll } from './reading.ts';

const one = '<row r="1"><c r="A1"><v>1</v></c></row>';
const sheet = (xml: string): Handmade => ({ sheets: [{ xml }] });
const NAME = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const MAIN = `xmlns="${NAME}"`;
/** The only sheet's relation has these attributes; none without any. */
const related = (attributes: string) => ({
  extra: {
    'xl/_rels/workbook.xml.rels': `<Relationships>${attributes && `<Relationship Id="rId1" ${attributes}/>`}</Relationships>`,
  },
});

async function written(bytes: Buffer): Promise<string> {
  const path = join(temporaryFolder(), 'x.xlsx');
  writeFileSync(path, bytes);
  return path;
}

/** The file with each occurrence of `from` in its headers replaced; the lengths are the same. */
function patched(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
}

/** Changes two bytes at an offset of the local and of the central header of the first member called so. */
function patchHeaders(bytes: Buffer, name: string, local: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  const first = copy.indexOf(name);
  const second = copy.lastIndexOf(name);
  copy.writeUInt16LE(value, first - 30 + local);
  copy.writeUInt16LE(value, second - 46 + local + 2);
  return copy;
}

describe('hostile and broken workbooks are refused with a reason', () => {
  const refused: [string, Handmade, RegExp][] = [
    [
      'a document type',
      sheet(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet ${MAIN}/>`),
      /sheet1\.xml declares a document type/,
    ],
    [
      'a document type in a small part',
      { ...sheet(one), styles: '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><styleSheet/>' },
      /styles\.xml declares a document type/,
    ],
    ['an unknown entity', sheet('<row><c t="str"><v>&xxe;</v></c></row>'), /entity &xxe;/],
    ['a character that is none', sheet('<row><c t="str"><v>&#0;</v></c></row>'), /entity &#0;/],
    ['a bare ampersand', sheet('<row><c t="str"><v>A & B, and more of it</v></c></row>'), /ampersand/],
    [
      'a string that is not there',
      { ...sheet('<row><c t="s"><v>1</v></c></row>'), strings: '<si><t>a</t></si>' },
      /shared string 1 in row 1, and there are 1/,
    ],
    [
      'a string that is no number',
      { ...sheet('<row><c t="s"><v>x</v></c></row>'), strings: '<si><t>a</t></si>' },
      /shared string NaN/,
    ],
    ['a column beyond the last', sheet('<row><c r="XFE1"><v>1</v></c></row>'), /column XFE/],
    ['a column of four letters', sheet('<row><c r="AAAA1"><v>1</v></c></row>'), /which is no place/],
    ['a place without a column', sheet('<row><c r="12"><v>1</v></c></row>'), /which is no place/],
    ['a row beyond the last', sheet('<row r="1048577"><c><v>1</v></c></row>'), /row numbered 1048577/],
    ['a row twice', sheet(`${one}<row r="3"><c><v>2</v></c></row>${one}`), /has the row 1 twice/],
    ['a row twice, of plain cells', sheet(`${one}${one}`), /has the row 1 twice/],
    ['a row numbered 0', sheet('<row r="0"><c><v>1</v></c></row>'), /row numbered 0/],
    ['a row without a number', sheet('<row r="x"><c><v>1</v></c></row>'), /row numbered NaN/],
    ['a cell of another row', sheet('<row r="5"><c r="A6"><v>1</v></c></row>'), /the cell A6 in row 5/],
    [
      'a plain cell of another row',
      sheet(
        `${one}<row r="12"><c r="A12"><v>1</v></c><c r="B13"><v>1</v></c></row><row r="14"/>${' '.repeat(600)}`,
      ),
      /the cell B13 in row 12/,
    ],
    ['one cell twice', sheet('<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'), /cell A1 twice/],
    [
      'two values in a cell',
      sheet('<row><c><v>100</v><v>100</v></c></row>'),
      /two texts in one cell of row 1/,
    ],
    [
      'two inline texts in a cell',
      sheet('<row><c t="inlineStr"><is><t>1</t></is><is><t>0</t></is></c></row>'),
      /two texts in one cell of row 1/,
    ],
    [
      'two texts in an inline text',
      sheet('<row><c t="inlineStr"><is><t>1</t><t>0</t></is></c></row>'),
      /two texts in one cell of row 1/,
    ],
    [
      'two texts in a shared string',
      { ...sheet(''), strings: '<si><t>9</t></si><si><t>1</t><t>0</t></si>' },
      /two texts in the string 1/,
    ],
    [
      'two texts in a run',
      { ...sheet(''), strings: '<si><r><t>1</t><t>0</t></r></si>' },
      /two texts in the string 0/,
    ],
    [
      'a text and runs',
      { ...sheet(''), strings: '<si><t>100</t><r><t>100</t></r></si>' },
      /two texts in the string 0/,
    ],
    [
      'runs and a text in a cell',
      sheet('<row><c t="inlineStr"><is><r><t>1</t></r><rPh><t>x</t></rPh><t>0</t></is></c></row>'),
      /two texts in one cell of row 1/,
    ],
    ['a value in a value', sheet('<row><c><v>1<v>2</v>3</v></c></row>'), /an element inside of a text/],
    [
      'an element in a shared string',
      { ...sheet(''), strings: '<si><t>100<b/>100</t></si>' },
      /an element inside of a text/,
    ],
    [
      'a prefix of two namespaces',
      sheet('<row xmlns:y="other" xmlns:x="a"><c xmlns="other"/></row><x:row/><row><y:c/></row>'),
      /^$/,
    ],
    [
      'the own prefix for another namespace',
      sheet(
        `<?xml version="1.0"?><x:worksheet xmlns="${NAME}" xmlns:x="${NAME}"><sheetData><row xmlns:x="other"><c><x:v>1</x:v></c></row></sheetData></x:worksheet>`,
      ),
      /binds the prefix "x" to two namespaces/,
    ],
    [
      'a sheet without a relation',
      { ...sheet(one), ...related('') },
      /"Sheet1" cannot be found: .*relation rId1/,
    ],
    [
      'a sheet elsewhere',
      { ...sheet(one), ...related('Type="x/worksheet" Target="file:///x.xml" TargetMode="External"') },
      /"Sheet1" cannot be found: it lies outside/,
    ],
    [
      'a sheet of another type',
      { ...sheet(one), ...related('Type="x/theme" Target="worksheets/sheet1.xml"') },
      /"Sheet1" cannot be found: it is related as "theme"/,
    ],
    [
      'a sheet that is missing',
      { ...sheet(one), ...related('Type="x/worksheet" Target="worksheets/sheet7.xml"') },
      /"Sheet1" cannot be found: xl\/worksheets\/sheet7.xml is missing/,
    ],
    [
      'one part as two sheets',
      {
        ...sheet(one),
        sheets: [{ xml: one }, { xml: one }],
        extra: {
          'xl/_rels/workbook.xml.rels':
            `<r>${[1, 2].map((id) => `<Relationship Id="rId${id}" Type="x/worksheet" Target="worksheets/sheet1.xml"/>`).join('')}</r>`.replaceAll(
              /(<\/?)r>/g,
              '$1Relationships>',
            ),
        },
      },
      /sheet1\.xml is two of its sheets/,
    ],
    [
      'styles that are named and missing',
      {
        ...sheet(one),
        ...related(
          'Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="x/styles" Target="styles.xml"',
        ),
      },
      /part with the styles is missing/,
    ],
    [
      'two relations of one id',
      {
        ...sheet(one),
        ...related(
          'Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId1" Type="x/theme" Target="y.xml"',
        ),
      },
      /two of its relations have one id/,
    ],
    [
      'two tables of strings',
      {
        ...sheet(one),
        ...related(
          'Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="a" Type="x/sharedStrings" Target="a.xml"/><Relationship Id="b" Type="x/sharedStrings" Target="b.xml"',
        ),
      },
      /2 parts of the type sharedStrings/,
    ],
    ['an open element', sheet('<row><c><v>1</v></row>'), /no well-formed XML/],
    ['an open document', sheet(`<?xml version="1.0"?><worksheet ${MAIN}><sheetData>${one}`), /cut off/],
    ['an open comment', sheet('<row/><!-- '), /cut off/],
    ['a tag in a tag', sheet('<row <c/>'), /no well-formed XML/],
    ['an attribute without quotes', sheet('<row r=1/>'), /no well-formed XML/],
    ['deep nesting', sheet('<a>'.repeat(300)), /nested too deeply/],
    [
      'text that is no UTF-8',
      {
        sheets: [{ xml: Buffer.from('<?xml version="1.0"?><worksheet>\xff</worksheet>', 'latin1') }],
      },
      /no UTF-8/,
    ],
    ['NUL bytes', sheet('<row><c t="str"><v>a\0b</v></c></row>'), /NUL bytes/],
    ['another root', sheet('<?xml version="1.0"?><html/>'), /is no worksheet/],
    ['no sheet part', { sheets: [{ xml: '', chart: true }], extra: {} }, /^$/],
    [
      'a shared string of many bytes',
      { ...sheet(''), strings: `<si><t>${'ab'.repeat(40_000)}</t></si>` },
      /text of more than 65536 bytes/,
    ],
    [
      'a row of many bytes',
      sheet(`<row><c t="str"><v>${'ab'.repeat(40_000)}</v></c></row>`),
      /text of more than 65536 bytes/,
    ],
    ['a tag of many bytes', sheet(`<row ${'a="b" '.repeat(2000)}/>`), /tag of more than 4096 bytes/],
    [
      'more parts than allowed',
      { ...sheet(one), extra: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`a${i}`, ''])) },
      /more than 32 parts/,
    ],
    ['a bomb', { ...sheet(one), extra: { bomb: Buffer.alloc(1 << 20) } }, /a zip bomb/],
    ['a name twice', { ...sheet(one), extra: { 'XL/Workbook.xml': '' } }, /is in the zip twice/],
    ['a small part that is large', { ...sheet(one), styles: ' '.repeat(70_000) }, /which no workbook needs/],
  ];
  const limits = {
    rowBytes: 65_536,
    tagBytes: 4096,
    entries: 32,
    ratioFrom: 1 << 19,
    smallPartBytes: 65_536,
  };
  test.each(refused)('%s', async (_, book, message) => {
    const path = await written(await workbookOf(book));
    for (const chunk of [undefined, 1, 1000]) {
      expect((await outcome(path, chunk, limits)).replace(/^refused: /, '')).toMatch(message);
    }
  });

  const changeValue = (bytes: Buffer) => patched(bytes, '<v>1</v>', '<v>2</v>');
  const damaged: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 100), /cut off or damaged/],
    ['empty', () => Buffer.alloc(0), /cut off or damaged/],
    ['no directory', (bytes) => bytes.subarray(0, 500), /cut off or damaged/],
    ['a changed byte', changeValue, /size or checksum is wrong/],
    [
      'another checksum',
      (bytes) => patchHeaders(bytes, 'xl/worksheets/sheet1.xml', 14, 1),
      /sheet1\.xml is damaged \(incorrect data check\)/,
    ],
    [
      'more than declared',
      (bytes) => patchHeaders(bytes, 'xl/worksheets/sheet1.xml', 22, 9),
      /sheet1\.xml is damaged \(more bytes than declared\)/,
    ],
    [
      'less than declared',
      (bytes) => patchHeaders(bytes, 'xl/worksheets/sheet1.xml', 22, 60_000),
      /sheet1\.xml is damaged/,
    ],
    ['encrypted', (bytes) => patchHeaders(bytes, 'xl/worksheets/sheet1.xml', 6, 1), /is encrypted/],
    [
      'another method',
      (bytes) => patchHeaders(bytes, 'xl/worksheets/sheet1.xml', 8, 12),
      /packed by method 12/,
    ],
    [
      'no workbook',
      (bytes) => patched(bytes, 'xl/workbook.xml', 'xl/workb00k.xml'),
      /workbook\.xml is missing/,
    ],
  ];
  test.each(damaged)('%s', async (_, damage, message) => {
    // What is changed inside a part must not be packed, and names must not occur in parts.
    const bytes = await workbookOf({ ...sheet(one), stored: damage === changeValue });
    expect(await outcome(await written(damage(bytes)))).toMatch(message);
  });
});

describe('time grows with the length of the text, not with its square', () => {
  const style = (code: string) =>
    readStyles({
      name: 'styleSheet',
      attributes: {},
      children: [
        {
          name: 'numFmts',
          attributes: {},
          children: [{ name: 'numFmt', attributes: { numFmtId: '164', formatCode: code }, children: [] }],
        },
      ],
    });
  const parse = (text: string) => {
    try {
      parseXml(text, 'x', { x: ['a'] });
    } catch (error) {
      if (!(error instanceof XlsxError)) throw error;
    }
  };
  const works: [string, (length: number) => void][] = [
    ['the name of an attribute', (length) => parse(`<x ${'a'.repeat(length)}/>`)],
    ['names without values', (length) => parse(`<x ${'a '.repeat(length / 2)}/>`)],
    ['the name of an element', (length) => parse(`<${'a'.repeat(length)}`)],
    ['quotes', (length) => parse(`<x ${`"'`.repeat(length / 2)}`)],
    ['comments', (length) => parse(`<x>${'<!-- '.repeat(length / 5)}`)],
    ['ampersands', (length) => parse(`<x a="${'&a'.repeat(Math.min(length, 30_000) / 2)}"/>`)],
    ['brackets of a format', (length) => style('['.repeat(length))],
    ['hours of a format', (length) => style('[h'.repeat(length / 2))],
    ['quotes of a format', (length) => style('"'.repeat(length + 1))],
    ['digits of a number', (length) => renderNumber(`${'1'.repeat(length)}x`)],
    ['digits and points', (length) => renderNumber(`1.${'1'.repeat(length)}x`)],
    ['spaces around a number', (length) => renderNumber(`1${' '.repeat(length)}1`)],
    ['a date', (length) => isoDate('1'.repeat(length))],
  ];
  test.each(works)('%s', (_, work) => {
    const seconds = (length: number) => {
      const times = [0, 1, 2].map(() => {
        const { user } = process.cpuUsage();
        work(length);
        return process.cpuUsage().user - user;
      });
      return Math.min(...times);
    };
    // Sixteen times the length: a square would take 256 times as long. Below a millisecond nothing can be told.
    expect(seconds(16 * 16_384) / Math.max(seconds(16_384), 1000)).toBeLessThan(64);
  });
});

test('of a small part only what is asked for is kept, and not without end', () => {
  const xfs = (count: number) => `<styleSheet><cellXfs>${'<xf/>'.repeat(count)}</cellXfs></styleSheet>`;
  const wanted = { styleSheet: [], cellXfs: [], xf: ['numFmtId'] };
  expect(parseXml(xfs(70_000), 'x', wanted).children[0]!.children).toHaveLength(70_000);
  expect(() => parseXml(xfs(300_000), 'x', wanted)).toThrow(/more than 200000 elements/);
  const others = `<styleSheet><fonts>${'<b a="1"><xf/></b>'.repeat(300_000)}</fonts></styleSheet>`;
  expect(parseXml(others, 'x', wanted)).toEqual({ name: 'styleSheet', attributes: {}, children: [] });
});

test('small parts as large as they may be take little memory', async () => {
  const fill = (unit: string) => unit.repeat(Math.floor((XLSX_LIMITS.smallPartBytes - 4096) / unit.length));
  const books = {
    styles: { styles: `<cellXfs>${fill('<xf/>')}</cellXfs>` },
    fonts: { styles: `<fonts>${fill('<b a="1"/>')}</fonts>` },
  };
  const reader = join(import.meta.dirname, 'reading.ts');
  for (const [name, book] of Object.entries(books)) {
    const path = await written(await workbookOf({ ...sheet(one), ...book }));
    const script = `const { outcome } = await import(${JSON.stringify(reader)});
      const before = process.resourceUsage().maxRSS;
      await outcome(${JSON.stringify(path)});
      console.log(process.resourceUsage().maxRSS - before);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const kilobytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    // As trees of all elements they took 1.2 to 2.8 GB.
    expect(kilobytes / 1024, name).toBeLessThan(250);
  }
});

describe('shared strings beyond memory', () => {
  test('lie in a file, are the same, and leave nothing behind', async () => {
    const texts = Array.from({ length: 9000 }, (_, index) => `${index} ${'é'.repeat(index % 3000)}`);
    const rows = texts.map((_, index) => `<row><c t="s"><v>${(index * 7919) % texts.length}</v></c></row>`);
    const strings = texts.map((text) => `<si><t>${text}</t></si>`).join('');
    const path = await written(await workbookOf({ strings, sheets: [{ xml: rows.join('') }] }));
    const inMemory = await readAll(path);
    expect(inMemory.split('\n')[1]).toBe(`Sheet1,2,${texts[7919]}`);
    expect(await readAll(path, undefined, { stringsInMemory: 0 })).toBe(inMemory);
    expect(await readAll(path, undefined, { stringsInMemory: 1 << 24 })).toBe(inMemory);
  });

  test('are read back from every page, more pages than are kept', () => {
    const strings = new SharedStrings(
      { ...XLSX_LIMITS, stringsInMemory: 0 },
      join(temporaryFolder(), 'strings'),
    );
    const text = (index: number) => `${index}:${'x'.repeat(index % 97)}`.repeat(20);
    const count = 50_000;
    for (let index = 0; index < count; index++) {
      const bytes = Buffer.from(text(index));
      strings.add(bytes, 0, bytes.length);
    }
    strings.finish();
    for (let step = 0; step < count; step++) {
      const index = (step * 31_337) % count;
      strings.find(index);
      if (strings.bytes.toString('utf8', strings.start, strings.end) !== text(index)) expect(index).toBe(-1);
    }
    strings.close();
  });
});

/** Cases in all; the long run is DOR_FUZZ=10000. */
const RUNS = Number(process.env.DOR_FUZZ ?? 400);
const timeout = 60_000 + 100 * RUNS;

describe('fuzz', () => {
  const names = Object.keys(CASES);
  const chunk = fc.integer({ min: 1, max: 700 });

  test('text of every kind is read back, wherever chunks are cut', { timeout }, async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('_x000', '_', '&', '<', '"', ',', 'é', '😀', ' ', ']]>', 'x'.repeat(5000)),
    );
    const text = fc.array(piece, { maxLength: 6 }).map((parts) =>
      parts
        .join('')
        .replace(/[\p{Cc}\ufffe\uffff]/gu, '')
        .replace(/_x/g, '_y'),
    );
    const escaped = (value: string) =>
      value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), chunk, async (values, size) => {
        const strings = values.map((value) => `<si><t>${escaped(value)}</t></si>`).join('');
        const cells = values.map(
          (value, index) =>
            `<c t="s"><v>${index}</v></c><c t="inlineStr"><is><t>${escaped(value)}</t></is></c>`,
        );
        const path = await written(
          await workbookOf({ strings, sheets: [{ xml: `<row>${cells.join('')}</row>` }] }),
        );
        const csv = values.flatMap((value) => [quoted(value), quoted(value)]).join(',');
        expect(await readAll(path, size)).toBe(`Sheet1,1,${csv}\n`);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  test('bytes changed in a sheet or in the strings: refused or read, and alike for every chunk size', {
    timeout,
  }, async () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat'),
      byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(60, 62, 47, 34, 38, 33)),
    });
    const mutate = (bytes: Buffer, { at, kind, byte }: { at: number; kind: string; byte: number }) => {
      const place = Math.floor(at * bytes.length);
      if (kind === 'cut')
        return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + (byte % 40))]);
      if (kind === 'insert')
        return Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]);
      if (kind === 'repeat')
        return Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.max(0, place - byte))]);
      const copy = Buffer.from(bytes);
      copy[place] = byte;
      return copy;
    };
    const wrap = (part: string | Buffer | undefined, before: string, after: string) =>
      part === undefined
        ? undefined
        : typeof part !== 'string' || part.startsWith('<?')
          ? Buffer.from(part)
          : Buffer.from(`<?xml version="1.0"?>${before}${part}${after}`);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        chunk,
        async (name, changes, inStrings, size) => {
          const { book } = CASES[name]!;
          const sheets = book.sheets.map((one) => ({
            ...one,
            xml: wrap(one.xml, `<worksheet ${MAIN}><sheetData>`, '</sheetData></worksheet>')!,
          }));
          let strings = wrap(book.strings, `<sst ${MAIN}>`, '</sst>');
          if (inStrings && strings) strings = changes.reduce(mutate, strings);
          else sheets[0]!.xml = changes.reduce(mutate, sheets[0]!.xml);
          const path = await written(await workbookOf({ ...book, strings, sheets }));
          const started = performance.now();
          const whole = await outcome(path);
          expect(await outcome(path, size)).toBe(whole);
          expect(performance.now() - started).toBeLessThan(5000);
        },
      ),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });

  test('bytes changed anywhere in the file: refused or read, never anything else', { timeout }, async () => {
    const books = await Promise.all(names.map((name) => workbookOf(CASES[name]!.book)));
    const change = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...books),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
        async (book, changes, cut) => {
          const bytes = Buffer.from(book);
          for (const [at, byte] of changes) bytes[Math.floor(at * bytes.length)] = byte;
          const path = await written(
            cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length)),
          );
          expect(await outcome(path)).toBe(await outcome(path, 13));
        },
      ),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });
});

const quoted = (value: string) =>
  value === '' || /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
