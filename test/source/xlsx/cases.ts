/**
 * The odd cases of test/cases/xlsx: each a workbook and what must be read from it. Written there by
 * `node --import tsx test/source/xlsx/buildCases.ts`.
 */

import type { Handmade } from './handmade.ts';

export interface Case {
  book: Handmade;
  /** Lines of CSV: sheet, row, then the cells. */
  expected: string[];
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
/** Cells of a column, one a row. */
const column = (cells: string[]) =>
  cells.map((cell, index) => `<row r="${index + 1}">${cell}</row>`).join('');
const number = (value: string, style = 0) => `<c s="${style}"><v>${value}</v></c>`;

const STRINGS = [
  ['plain', 'plain', '<t>plain</t>'],
  ['rich', 'bold and not', '<r><rPr><b/></rPr><t xml:space="preserve">bold </t></r><r><t>and not</t></r>'],
  ['phonetic', '東京', '<t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh><phoneticPr fontId="1"/>'],
  ['spaces', '  both  ', '<t xml:space="preserve">  both  </t>'],
  [
    'entities',
    '"a & b <c> \'d\' é 😀"',
    '<t>a &amp; b &lt;c&gt; &apos;d&apos; &#233; &#x1F600;</t>',
    "a & b <c> 'd' é 😀",
  ],
  ['carriage', '"a\r\nb"', '<t>a_x000D_\nb</t>'],
  ['escaped escape', '_x0041_', '<t>_x005F_x0041_</t>'],
  ['no escape', '_x12_ _xZZZZ_ _x0000_ _xD800_', '<t>_x12_ _xZZZZ_ _x0000_ _xD800_</t>'],
  ['surrogates', '😀', '<t>_xD83D__xDE00_</t>'],
  ['cdata', '</row><c>&amp;', '<t><![CDATA[</row><c>&amp;]]></t>'],
  ['empty', '""', '<t/>'],
  ['quotes', '"say ""hi"", then"', '<t>say "hi", then</t>'],
  ['line ends', '"a\nb\nc"', '<t>a\r\nb\rc</t>'],
  ['zeros', '007', '<t>007</t>'],
  ['comment', 'before after', '<t>before<!-- </t></si> --> after</t>'],
] as const;

const DATE_STYLES = `<numFmts count="8">
<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="&quot;day &quot;0"/>
<numFmt numFmtId="166" formatCode="[Red]0.00;[Blue]-0.00"/><numFmt numFmtId="167" formatCode="[h]:mm:ss"/>
<numFmt numFmtId="168" formatCode="[$-409]d\\-mmm\\-yy;@"/><numFmt numFmtId="169" formatCode="h:mm AM/PM"/>
<numFmt numFmtId="170" formatCode="0.00E+00"/><numFmt numFmtId="171" formatCode="General\\ \\d"/></numFmts>
<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
<cellXfs count="10"><xf xmlns:z="urn:z" z:numFmtId="14" numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>
<xf numFmtId="167"/><xf numFmtId="168"/><xf numFmtId="169"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/></cellXfs>`;

const NUMBERS = [
  ['474131031040', '474131031040'],
  ['4.7413103104E+11', '474131031040'],
  ['1.1000000000000001', '1.1'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['12.50', '12.5'],
  ['1E-7', '0.0000001'],
  ['1.25e-9', '0.00000000125'],
  ['12345678901234567', '12345678901234568'],
  ['1.2345678901234567E+16', '12345678901234568'],
  ['-5', '-5'],
  ['-0', '0'],
  ['007', '7'],
  [' 42 ', '42'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+5', '5'],
  ['1E+22', '1e+22'],
  ['999999999999999', '999999999999999'],
  ['1,5', '"1,5"'],
  ['0x10', '0x10'],
  ['Infinity', 'Infinity'],
];

export const CASES: Record<string, Case> = {
  'shared-strings': {
    book: {
      strings: STRINGS.map(([, , xml]) => `<si>${xml}</si>`).join(''),
      sheets: [{ xml: column(STRINGS.map((_, index) => `<c t="s"><v>${index}</v></c>`)) }],
    },
    expected: STRINGS.map(([, csv, , bare], index) => `Sheet1,${index + 1},${bare ?? csv}`),
  },
  'inline-strings': {
    book: { sheets: [{ xml: column(STRINGS.map(([, , xml]) => `<c t="inlineStr"><is>${xml}</is></c>`)) }] },
    expected: STRINGS.map(([, csv, , bare], index) => `Sheet1,${index + 1},${bare ?? csv}`),
  },
  numbers: {
    book: { sheets: [{ xml: column(NUMBERS.map(([stored]) => number(stored!))) }] },
    expected: NUMBERS.map(([, shown], index) => `Sheet1,${index + 1},${shown}`),
  },
  dates: {
    book: {
      styles: DATE_STYLES,
      sheets: [
        {
          xml: column([
            number('45688', 1) + number('45688', 2) + number('45688', 3) + number('45688', 4),
            number('45688.25', 1) +
              number('45688.25', 10) +
              number('0.354166666666667', 7) +
              number('1.5', 5),
            number('0', 1) + number('1', 1) + number('59', 1) + number('60', 1) + number('61', 1),
            number('2958465', 6) + number('2958466', 6) + number('-1', 6),
            number('45688', 8) + number('45688', 9) + number('45688', 99) + number('45688.9999999', 1),
            '<c t="d"><v>2025-01-31</v></c><c t="d"><v>2025-01-31T08:30:00.000</v></c><c t="d"><v>2025-01-31T00:00:00Z</v></c><c t="d"><v>soon</v></c>',
          ]),
        },
      ],
    },
    expected: [
      'Sheet1,1,2025-01-31,2025-01-31,45688,45688',
      'Sheet1,2,2025-01-31 06:00:00,2025-01-31 06:00:00,08:30:00,36:00:00',
      'Sheet1,3,1900-01-00,1900-01-01,1900-02-28,1900-02-29,1900-03-01',
      'Sheet1,4,9999-12-31,2958466,-1',
      'Sheet1,5,45688,45688,45688,2025-02-01',
      'Sheet1,6,2025-01-31,2025-01-31 08:30:00,2025-01-31,soon',
    ],
  },
  'dates-1904': {
    book: {
      properties: 'date1904="1"',
      styles: DATE_STYLES,
      sheets: [{ xml: column([number('0', 1) + number('44226', 2) + number('60', 1)]) }],
    },
    expected: ['Sheet1,1,1904-01-01,2025-01-31,1904-03-01'],
  },
  'values-of-other-types': {
    book: {
      sheets: [
        {
          xml: column([
            '<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="b"><v>2</v></c>',
            '<c t="e"><v>#N/A</v></c><c t="e"><v>#DIV/0!</v></c><c t="zz"><v>9</v></c>',
            '<c><f>1+1</f><v>2</v></c><c t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c t="str"><f>""</f><v></v></c>',
            '<c><f>1+1</f></c><c><f>1+1</f><v/></c><c t="n"><v></v></c><c><v>1</v></c>',
          ]),
        },
      ],
    },
    expected: ['Sheet1,1,TRUE,FALSE,2', 'Sheet1,2,#N/A,#DIV/0!,9', 'Sheet1,3,2,ab,""', 'Sheet1,4,"","",,1'],
  },
  'texts-of-one-cell': {
    book: {
      sheets: [
        {
          xml: `<?xml version="1.0"?><worksheet xmlns="${MAIN}" xmlns:m="${MAIN}" xmlns:z="urn:z"><sheetData>${column(
            [
              '<c t="inlineStr"><v>100</v><is><t>101</t></is></c><c t="inlineStr"><is><t>102</t></is><v>100</v></c>',
              '<c><v>100</v><is><t>101</t></is></c><c><is><t>100</t></is><v>102</v></c><c t="str"><is/><v>a</v></c>',
              '<c><v>100</v><z:v>100</z:v></c><c><z:v>1</z:v><m:v>2</m:v></c><c><v xmlns="urn:z">3</v><v>4</v></c>',
              '<c t="inlineStr"><v>only</v></c><c><is><t>only</t></is></c><c t="inlineStr"><v/></c><c><v>1</v></c>',
              '<z:c><v>1</v></z:c><c><v>2</v></c><c xmlns:y="urn:y"><y:v>1</y:v></c>',
            ],
          )}<z:row><c><v>9</v></c></z:row></sheetData></worksheet>`,
        },
      ],
    },
    expected: [
      'Sheet1,1,101,102',
      'Sheet1,2,100,102,a',
      'Sheet1,3,100,2,4',
      'Sheet1,4,only,only,,1',
      'Sheet1,5,2',
    ],
  },
  'missing-references': {
    book: {
      sheets: [
        {
          xml: '<row><c><v>1</v></c><c><v>2</v></c></row><row><c r="C2"><v>3</v></c><c><v>4</v></c></row><row r="9"><c><v>5</v></c></row><row><c><v>6</v></c></row>',
        },
      ],
    },
    expected: ['Sheet1,1,1,2', 'Sheet1,2,,,3,4', 'Sheet1,9,5', 'Sheet1,10,6'],
  },
  'gaps-and-blank-rows': {
    book: {
      sheets: [
        {
          xml: '<row r="2"><c r="B2"><v>1</v></c><c r="E2" s="1"/><c r="AB2"><v>2</v></c></row><row r="3"/><row r="4"><c r="A4" s="1"/></row><row r="1048576"><c r="XFD1048576"><v>3</v></c></row>',
        },
      ],
    },
    expected: [`Sheet1,2,,1${','.repeat(26)}2`, `Sheet1,1048576,${','.repeat(16383)}3`],
  },
  'out-of-order': {
    book: {
      sheets: [
        {
          xml: '<row r="2"><c r="C2"><v>3</v></c><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row><row r="1"><c r="A1"><v>0</v></c></row>',
        },
      ],
    },
    expected: ['Sheet1,2,1,2,3', 'Sheet1,1,0'],
  },
  'merged-and-wrong-dimension': {
    book: {
      sheets: [
        {
          xml: `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><dimension ref="A1:A1"/><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row><row r="2"><c r="C2"><v>2</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>`,
        },
      ],
    },
    expected: ['Sheet1,1,1', 'Sheet1,2,,,2'],
  },
  'hidden-and-chart-sheets': {
    book: {
      sheets: [
        { name: 'Data &amp; more', xml: '<row><c><v>1</v></c></row>' },
        { name: 'Chart', xml: '', chart: true },
        { name: 'Hidden', state: 'hidden', xml: '<row><c><v>2</v></c></row>' },
        { name: 'Very', state: 'veryHidden', xml: '' },
      ],
    },
    expected: ['Data & more,1,1', 'Hidden,1,2'],
  },
  prefixed: {
    book: {
      strings: `<?xml version="1.0"?><x:sst xmlns:x="${MAIN}"><x:si><x:t>text</x:t></x:si></x:sst>`,
      sheets: [
        {
          xml: `<?xml version="1.0"?><x:worksheet xmlns:x="${MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="B1"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
        },
      ],
    },
    expected: ['Sheet1,1,text,2'],
  },
  'comments-and-cdata': {
    book: {
      sheets: [
        {
          xml: '<!-- <row><c><v>9</v></c></row> --><row r="1"><!----><c r="A1"><v>1<!-- 2 -->3</v></c><?pi </row> ?><c r="B1" t="inlineStr"><is><t><![CDATA[</t></is></c></row>]]>]]&gt;</t></is></c></row>',
        },
      ],
    },
    expected: ['Sheet1,1,13,</t></is></c></row>]]>'],
  },
  extensions: {
    book: {
      sheets: [
        {
          xml: `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData><row r="1"><c r="A1"><v>3</v><extLst><ext><v>399</v><c r="B1"><v>5</v></c></ext></extLst></c><extLst><c r="C1"><v>7</v></c></extLst></row></sheetData><extLst><ext><x14:row><c r="A2"><v>399</v></c></x14:row></ext></extLst></worksheet>`,
        },
      ],
    },
    expected: ['Sheet1,1,3'],
  },
  'other-encodings': {
    book: {
      strings: utf16(
        `<?xml version="1.0" encoding="UTF-16"?><sst xmlns="${MAIN}"><si><t>é 😀</t></si></sst>`,
      ).swap16(),
      sheets: [
        {
          xml: utf16(
            `<?xml version="1.0" encoding="utf-16"?><worksheet xmlns="${MAIN}"><sheetData><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>東京</t></is></c></row></sheetData></worksheet>`,
          ),
        },
        {
          xml: Buffer.from(
            `<?xml version='1.0' encoding='windows-1252'?><worksheet xmlns="${MAIN}"><sheetData><row><c t="inlineStr"><is><t>caf\xe9 \x80</t></is></c></row></sheetData></worksheet>`,
            'latin1',
          ),
        },
        {
          xml: Buffer.from(
            `\ufeff<worksheet xmlns="${MAIN}"><sheetData><row><c t="inlineStr"><is><t>\ufeffmark</t></is></c></row></sheetData></worksheet>`,
          ),
        },
      ],
    },
    expected: ['Sheet1,1,é 😀,東京', 'Sheet2,1,café €', 'Sheet3,1,\ufeffmark'],
  },
  'strict-and-absolute': {
    book: {
      strict: true,
      absolute: true,
      strings: '<si><t>a</t></si>',
      sheets: [{ xml: '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' }],
    },
    expected: ['Sheet1,1,a'],
  },
  'odd-whitespace': {
    book: {
      sheets: [
        {
          xml: `<?xml version="1.0"?>\n\n<worksheet\n xmlns="${MAIN}"\t>\n<sheetData >\n<row\n r='1'\tspans="1:3" x14ac:dyDescent="0.25" >\n<c\nr = "A1"\n s='0' ><v\n>1</v ></c\n> <c t='inlineStr' r='B1'><is >\n<t >x > y</t ></is></c><c r="C1" t="n"><v>2</v></c></row >\n</sheetData>\n</worksheet>\r\n\t\r`,
        },
      ],
    },
    expected: ['Sheet1,1,1,x > y,2'],
  },
  'stored-and-macros': {
    book: {
      stored: true,
      sheets: [{ xml: '<row r="1"><c r="A1"><v>1</v></c></row>' }],
      extra: { 'xl/vbaProject.bin': Buffer.from('macros'), 'xl/media/image1.png': Buffer.alloc(3000, 7) },
    },
    expected: ['Sheet1,1,1'],
  },
  zip64: {
    book: { zip64: true, sheets: [{ xml: '<row r="1"><c r="A1"><v>1</v></c></row>' }] },
    expected: ['Sheet1,1,1'],
  },
};
