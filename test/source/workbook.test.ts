import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import ExcelJS from 'exceljs';
import { describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { splitLine } from '../../src/csvLine.ts';
import { ingestHere } from '../inProcess.ts';
import { libertyRoll } from '../liberty.ts';
import { SHARED, sharedData } from '../shared.ts';
import { makeWorkbook } from '../workbooks.ts';
import { dataFolder, dor, ROOT, temporaryFolder } from '../workspace.ts';
import { workbookOf } from './xlsx/handmade.ts';

const SDF = readFileSync(join(ROOT, 'data/sample/SDF49P202501.csv'), 'utf8').trimEnd().split('\r\n');
const HEADER = splitLine(SDF[0]!);
const ROWS = SDF.slice(1).map(splitLine);
/** Of the sample's Liberty sales: however they come, these are the rows. */
const CHECKSUM = '31661816231037430621';
const at = (name: string) => HEADER.indexOf(name);

type Value = string | number | null | Date | object;
type Rows = Value[][];
const texts = (rows = ROWS): Rows => rows.map((row) => row.map((value) => (value === '' ? null : value)));

/** Rows with changes by 0-based row and column name. */
const changed = (changes: [row: number, name: string, value: Value][]): Rows => {
  const rows = texts();
  for (const [row, name, value] of changes) rows[row]![at(name)] = value;
  return rows;
};

interface SheetOf {
  name?: string;
  rows: Rows;
  state?: 'hidden' | 'veryHidden';
}

async function write(path: string, sheets: SheetOf[]): Promise<void> {
  const book = new ExcelJS.Workbook();
  for (const { name = 'Sales', rows, state = 'visible' } of sheets) {
    book.addWorksheet(name, { state }).addRows(rows as unknown[][]);
  }
  await book.xlsx.writeFile(path);
}

/** Ingests what lies in the inbox, without pushing. */
async function stage(data: string, options: Parameters<typeof ingestHere>[1] | object = {}) {
  const end = await ingestHere(data, { county: 'liberty', push: false, ...options });
  const refusals = end.refused.map(({ rule, message, remedy }) => `${rule} ${message}\n${remedy}`);
  return { ...end, data, manifest: end.manifests[0]!, refusals: refusals.join('\n') };
}

/** Ingests a workbook of these sheets. */
async function offer(sheets: SheetOf[], options: Parameters<typeof stage>[1] = {}) {
  const data = dataFolder();
  await write(join(data, 'inbox/x.xlsx'), sheets);
  return stage(data, options);
}

/** Rows of a query over the lake's sales, `from staged` or `from rejected`; whole numbers as text. */
async function query(data: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const files = (folder: string) => `read_parquet('${data}/lake/${folder}/dor_sales/**/data.parquet')`;
  const rows = await connection.runAndReadAll(
    sql.replace(/\b(?<=from )(staged|rejected)\b/, (folder) => files(folder)),
  );
  connection.closeSync();
  return rows.getRowObjectsJson();
}

const rejects = (data: string) =>
  query(
    data,
    'select rule, member, line, message, detail, text from rejected order by member, line',
  ) as Promise<Record<string, string>[]>;

describe.runIf(SHARED)('the real sales as CSV and as workbook', () => {
  test('give the same rows and the same hashes', async () => {
    const folder = temporaryFolder();
    execFileSync('unzip', ['-q', sharedData('broward_sdf_2025.zip'), '-d', folder]);
    const csv = join(folder, 'SDF16P202501.csv');
    const staged = async (source: string) => {
      const { manifest } = await stage(dataFolder(), { county: 'broward', sources: [source] });
      const { ledger, staged: rows, rules, source: info } = manifest;
      return { ledger, rows: [rows!.rows, rows!.checksum], rules, info };
    };
    const expected = await staged(csv);
    expect(expected.rows[0]).toBe(95332);
    const shapes = [
      { strings: 'inline', allText: true },
      { strings: 'shared', sheetRows: 30_000 },
    ] as const;
    for (const shape of shapes) {
      // Some rules look at the day of the roll, which its name tells.
      const path = join(temporaryFolder(), 'SDF16P202501.xlsx');
      const book = await makeWorkbook(csv, path, shape);
      const { info, ...found } = await staged(book);
      expect(found).toEqual({ ledger: expected.ledger, rows: expected.rows, rules: expected.rules });
      expect(info.sheets).toHaveLength('sheetRows' in shape ? Math.ceil(95332 / (shape.sheetRows - 1)) : 1);
    }
  });
});

describe('a workbook takes the path of a CSV', () => {
  test('texts as texts, in a zip, beside sheets that are no roll, below a title', async () => {
    const data = dataFolder();
    const inner = join(temporaryFolder(), 'x.xlsx');
    await write(inner, [
      { name: 'Read me', rows: [['Sales of Liberty'], ['made by hand']] },
      { name: 'Sales', rows: [['Sales of Liberty, 2025'], [], HEADER, ...texts()] },
      { name: 'Old', state: 'hidden', rows: [HEADER, ...texts().slice(0, 3)] },
    ]);
    const members = {
      'Liberty sales.xlsx': readFileSync(inner),
      'NAP49P202501.csv': libertyRoll('NAP'),
    };
    writeFileSync(join(data, 'inbox/x.zip'), await zipOf(members));
    const { code, manifests } = await stage(data);
    expect(code).toBe(0);
    const manifest = manifests.find(({ dataset }) => dataset === 'sdf')!;
    expect(manifest.staged).toMatchObject({ rows: 93, checksum: CHECKSUM });
    expect(manifest.source).toMatchObject({ members: ['Liberty sales.xlsx'], sheets: ['Sales'] });
    expect(manifest.fileRules).toEqual([
      expect.objectContaining({
        id: 'F15',
        message: 'sheets that were left out: "Read me" (no roll), "Old" (hidden, although it has a roll)',
      }),
    ]);
    expect(manifests).toHaveLength(2);
  });

  test("rows above the header, and a row whose number is not above the header's, are not lost", async () => {
    const rows = texts();
    const sorted = await offer(
      [{ rows: [['Sales', 'of', '2025'], ...rows.slice(0, 50), HEADER, ...rows.slice(50)] }],
      { maxRejectPct: 60 },
    );
    expect(sorted.manifest.ledger).toMatchObject({
      recordsIn: 93,
      rejectedStructure: 50,
      accepted: 43,
      balanced: true,
    });
    expect(sorted.manifest.fileRules[0]).toMatchObject({
      id: 'F15',
      message: 'rows above the header that were taken for titles: "Sales" 1',
    });
    const [letter] = await rejects(sorted.data);
    expect(letter).toMatchObject({
      rule: 'F04',
      member: 'Sales',
      message: 'stands above the header, which is in row 52: move the header to the top',
    });
    expect(splitLine(letter!.text!)).toEqual(rows[0]!.map((value) => value ?? ''));

    // Without the option, so many rejects stop the run; one such row is told, too.
    expect((await offer([{ rows: [...rows.slice(0, 50), HEADER, ...rows.slice(50)] }])).code).toBe(1);
    const one = await offer([{ rows: [rows[0]!, HEADER, ...rows.slice(1)] }], { maxRejectPct: 5 });
    expect(one.manifest.ledger).toMatchObject({ recordsIn: 93, rejectedStructure: 1, accepted: 92 });

    const last = await offer([{ rows: [...rows, HEADER] }]);
    expect(last.manifest.reason).toMatch(/F09 .*93 records; F04 93 rows, .*: move the header to the top/);

    const cells = (values: Value[]) =>
      values.map((value) => `<c t="inlineStr"><is><t>${value ?? ''}</t></is></c>`).join('');
    const data = dataFolder();
    const xml = `<row r="200">${cells(HEADER)}</row>${rows.map((row, index) => `<row r="${index + 2}">${cells(row)}</row>`).join('')}`;
    writeFileSync(join(data, 'inbox/x.xlsx'), await workbookOf({ sheets: [{ xml }] }));
    expect((await stage(data)).manifest.ledger).toMatchObject({
      recordsIn: 93,
      accepted: 93,
      balanced: true,
    });
  });

  test('sheets with one header are stacked in the order of their tabs, blank rows left out', async () => {
    const rows = texts();
    const { manifest } = await offer([
      { name: 'One', rows: [HEADER, ...rows.slice(0, 40), [], [null, null], ...rows.slice(40, 50)] },
      { name: 'Two', rows: [['title'], HEADER, ...rows.slice(50)] },
    ]);
    expect(manifest.ledger).toMatchObject({ recordsIn: 93, accepted: 93, balanced: true });
    expect(manifest.staged).toMatchObject({ rows: 93, checksum: CHECKSUM });
  });

  test('numbers as Excel makes them when it opens the CSV: zeros come back where the width is known', async () => {
    const numeric = (value: string) => (/^\d+$/.test(value) ? Number(value) : value || null);
    const rows = ROWS.map((row) =>
      row.map((value, place) => (['MP_ID', 'MKT_AR'].includes(HEADER[place]!) ? value : numeric(value))),
    );
    const { code, manifest } = await offer([{ rows: [HEADER, ...rows] }]);
    expect(code).toBe(0);
    expect(manifest.staged).toMatchObject({ rows: 93, checksum: CHECKSUM });
    const lost = (name: string) => ROWS.filter((row) => row[at(name)]!.startsWith('0')).length;
    const [repaired, unknown] = manifest.fileRules;
    expect(repaired).toMatchObject({
      id: 'F13',
      severity: 'warning',
      message: expect.stringContaining(
        `DOR_UC ${lost('DOR_UC')}, QUAL_CD ${lost('QUAL_CD')}, SALE_MO ${lost('SALE_MO')}`,
      ),
    });
    expect(unknown!.message).toMatch(/columns of text.*PARCEL_ID 93/);
  });

  test('dead letters name the sheet and its row, and have the row as CSV', async () => {
    const rows = changed([
      [2, 'SALE_PRC', { error: '#N/A' }],
      [50, 'SALE_PRC', 'much'],
    ]);
    const twice = [...rows, rows[7]!];
    const { data, manifest } = await offer(
      [
        { name: 'One', rows: [['title'], HEADER, ...twice.slice(0, 40)] },
        { name: 'Two', rows: [HEADER, ...twice.slice(40, 45), [], ...twice.slice(45)] },
      ],
      { maxRejectPct: 10 },
    );
    expect(manifest.ledger).toMatchObject({
      recordsIn: 94,
      accepted: 91,
      rejectedStructure: 1,
      rejectedRule: 1,
      duplicates: 1,
      balanced: true,
    });
    const letters = await rejects(data);
    const brief = letters.map(({ rule, member, line, message, detail }) => [
      rule,
      member,
      Number(line),
      message,
      detail,
    ]);
    expect(brief).toEqual([
      ['F14', 'One', 5, 'SALE_PRC holds the error #N/A', null],
      ['S08', 'Two', 13, expect.any(String), expect.stringContaining('SALE_PRC')],
      ['S01', 'Two', 56, expect.any(String), expect.stringMatching(/kept from line One!10$/)],
    ]);
    expect(splitLine(letters[1]!.text!)).toEqual(rows[50]!.map((value) => value ?? ''));
  });

  test('what Excel spoilt is a reject, never a guess, and so is what stands beyond the header', async () => {
    const spoilt: [string, Value, string][] = [
      [
        'PARCEL_ID',
        4.7e15,
        'PARCEL_ID holds the number 4700000000000000: Excel keeps 15 digits, the others are lost',
      ],
      ['PARCEL_ID', 470000.5, 'PARCEL_ID holds the number 470000.5, which is no identifier'],
      [
        'NBRHD_CD',
        new Date(Date.UTC(2025, 0, 2)),
        'NBRHD_CD holds the date 2025-01-02: Excel made it of something else',
      ],
      [
        'CLERK_NO',
        1.2e17,
        'CLERK_NO holds the number 120000000000000000: Excel keeps 15 digits, the others are lost',
      ],
      ['SALE_YR', { formula: 'A1' }, 'SALE_YR holds a formula whose result is not in the file'],
      ['OR_BOOK', { error: '#REF!' }, 'OR_BOOK holds the error #REF!'],
    ];
    const rows = changed(spoilt.map(([name, value], index) => [index, name, value]));
    const { data, manifest } = await offer([{ rows: [HEADER, ...rows] }], { maxRejectPct: 10 });
    expect(manifest.ledger).toMatchObject({
      recordsIn: 93,
      rejectedStructure: 6,
      accepted: 87,
      balanced: true,
    });
    const letters = (await rejects(data)).map(({ rule, member, line, message }) => [
      rule,
      member,
      Number(line),
      message,
    ]);
    expect(letters).toEqual(spoilt.map(([, , message], index) => ['F14', 'Sales', index + 2, message]));
  });

  test('columns that are no field reject no row, and are kept as text', async () => {
    const spoil: Value[] = [new Date(Date.UTC(2025, 0, 2)), { error: '#N/A' }, { formula: 'A1' }, 1.5e16];
    // LOOKUP stands last but one; the column before it and the last one have no name.
    const header = [...HEADER, null, 'LOOKUP'];
    const rows = texts().map((row, index) => [
      ...row,
      index < 4 ? spoil[index]! : null,
      spoil[(index + 1) % 4]!,
      index === 90 ? 'note' : null,
    ]);
    // Formulas that were filled down beyond the rows make none, and a note beside the table is a dead letter.
    rows.push([...HEADER.map(() => null), null, null, 'checked']);
    rows.push([...HEADER.map(() => null), { formula: 'A1' }, { error: '#N/A' }]);
    const { manifest, data } = await offer([{ rows: [header, ...rows] }], { maxRejectPct: 2 });
    expect(manifest.ledger).toMatchObject({ recordsIn: 94, accepted: 93, balanced: true });
    expect(await rejects(data)).toMatchObject([
      {
        rule: 'F04',
        line: '95',
        message: 'holds nothing in the columns of the roll, only beside them',
        text: expect.stringMatching(/^,+checked$/),
      },
    ]);
    expect(manifest.source.extraColumns).toEqual(['LOOKUP', 'COLUMN X', 'COLUMN Z']);
    const messages = manifest.fileRules.map(({ id, message }) => `${id} ${message}`);
    expect(messages).toEqual([
      'F03 1 extra column(s), kept as text in "extra": LOOKUP',
      'F03 columns without a name, kept as text in "extra": COLUMN X, COLUMN Z',
      'F14 dates, error values or uncomputed formulas in columns that are no field, kept as text in "extra": LOOKUP 70, COLUMN X 3',
    ]);
    const found = await query(
      data,
      `select extra->>'$.LOOKUP' as lookup, extra->>'$."COLUMN X"' as x, extra->>'$."COLUMN Z"' as z
       from staged where coalesce(x, z) is not null order by x`,
    );
    expect(found).toEqual([
      { lookup: null, x: '#N/A', z: null },
      { lookup: '2025-01-02', x: '15000000000000000', z: null },
      { lookup: '#N/A', x: '2025-01-02', z: null },
      { lookup: '15000000000000000', x: null, z: 'note' },
    ]);
  });

  test('when a field spoils every row, the refusal names it', async () => {
    const rows = texts().map((row) =>
      row.map((value, place) => (place === at('SALE_PRC') ? { error: '#N/A' } : value)),
    );
    const { manifest } = await offer([{ rows: [HEADER, ...rows] }]);
    expect(manifest.reason).toMatch(/F09 .*F14 SALE_PRC 93 rows, such as: SALE_PRC holds the error #N\/A/);
  });

  test('identifiers that Excel typed: the texts of their column tell the width, what else they may have been is a reject', async () => {
    const rows = changed([
      [0, 'MP_ID', 83700],
      [1, 'MP_ID', 1312019],
      [2, 'MP_ID', 13120199],
      [3, 'MP_ID', 13120100],
      [4, 'RS_ID', 20000],
      [5, 'PARCEL_ID', 47412010019],
      [6, 'PARCEL_ID', 494025000000],
      [7, 'PARCEL_ID', 474100000100],
    ]);
    // Letters stand at two places, as in Broward; an E elsewhere makes no identifier.
    for (const row of rows.slice(8))
      row[at('PARCEL_ID')] = `470000AB${String(row[at('PARCEL_ID')]).slice(-4)}`;
    const { data, manifest } = await offer([{ rows: [HEADER, ...rows] }], { maxRejectPct: 20 });
    expect(manifest.ledger, manifest.reason ?? '').toMatchObject({ recordsIn: 93, balanced: true });
    const letters = (await rejects(data)).map(({ rule, line, message }) => [rule, Number(line) - 2, message]);
    expect(letters).toEqual([
      ['F14', 0, 'MP_ID holds the number 83700, which Excel may have made of 000837E2'],
      ['F14', 3, 'MP_ID holds the number 13120100, which Excel may have made of 131201E2'],
      ['F14', 4, 'RS_ID holds the number 20000, which Excel may have made of 02E4'],
      ['F14', 6, 'PARCEL_ID holds the number 494025000000, which Excel may have made of 0494025E0006'],
    ]);
    expect(manifest.fileRules).toEqual([
      expect.objectContaining({
        id: 'F13',
        message: expect.stringMatching(/zeros back.*: PARCEL_ID 1, MP_ID 1$/),
      }),
    ]);
    const found = await query(
      data,
      `select mp_id, parcel_id from staged where parcel_id in ('047412010019', '474100000100')
         or mp_id in ('01312019', '13120199')`,
    );
    expect(found).toHaveLength(4);
  });

  test('identifiers whose widths differ among the texts: which zeros were lost cannot be known', async () => {
    const rows = texts();
    for (const row of rows.slice(0, 40)) row[at('PARCEL_ID')] = `AB${String(row[at('PARCEL_ID')]).slice(-9)}`;
    for (const row of rows.slice(40, 90))
      row[at('PARCEL_ID')] = `A${String(row[at('PARCEL_ID')]).slice(-11)}`;
    rows[90]![at('PARCEL_ID')] = 470000000013;
    rows[91]![at('PARCEL_ID')] = 47000000001;
    rows[92]![at('PARCEL_ID')] = 4700000000135;
    const { data, manifest } = await offer([{ rows: [HEADER, ...rows] }], { maxRejectPct: 20 });
    expect((await rejects(data)).map(({ message }) => message)).toEqual([
      'PARCEL_ID holds the number 47000000001: others are texts of 11 to 12 characters, so lost zeros cannot be known',
    ]);
    // One of more digits than any text has is taken as it is, and told.
    expect(manifest.fileRules.map(({ id, message }) => `${id} ${message}`)).toEqual([
      'F13 numbers in columns of text; leading zeros, if there were any, are lost: PARCEL_ID 1',
    ]);
  });

  test('a few texts among very many numbers tell no width', async () => {
    const rows = Array.from({ length: 3 }, () => texts())
      .flat()
      .map((row, index) => row.with(at('SALE_ID_CD'), 99000118000003 + index));
    for (const row of rows) row[at('PARCEL_ID')] = Number(row[at('PARCEL_ID')]);
    rows[5]![at('PARCEL_ID')] = 'A470000000377';
    const { manifest } = await offer([{ rows: [HEADER, ...rows] }]);
    expect(manifest.fileRules.map(({ message }) => message)).toEqual([
      expect.stringMatching(/zeros, if there were any, are lost: PARCEL_ID 278, SALE_ID_CD 279$/),
    ]);
  });

  test('numbers beyond all that Excel keeps are rejected, whatever the column', async () => {
    const rows = changed([
      [0, 'SALE_PRC', 1e300],
      [1, 'NBRHD_CD', 1e300],
      [2, 'PARCEL_ID', 1e300],
    ]);
    const { manifest, data } = await offer([{ rows: [HEADER, ...rows] }], { maxRejectPct: 10 });
    expect(manifest.ledger).toMatchObject({ recordsIn: 93, accepted: 90, balanced: true });
    const letters = (await rejects(data)).map(({ rule, line }) => `${rule} ${line}`).sort();
    expect(letters).toEqual(['F14 3', 'F14 4', 'S08 2']);
  });

  test('zips with backslashes in their names, and with bytes behind their end', async () => {
    const data = dataFolder();
    const folder = temporaryFolder();
    await write(join(folder, 'x.xlsx'), [{ rows: [HEADER, ...texts()] }]);
    const book = readFileSync(join(folder, 'x.xlsx'));
    // Names stand in headers alone, as the parts are packed.
    const names = [
      'xl/workbook.xml',
      'xl/_rels/workbook.xml.rels',
      'xl/worksheets/sheet1.xml',
      'xl/styles.xml',
      '_rels/.rels',
    ];
    const windows = names.reduce(
      (text, name) => text.replaceAll(name, name.replaceAll('/', '\\')),
      book.toString('latin1'),
    );
    const books = {
      backslashes: Buffer.from(windows, 'latin1'),
      behind: Buffer.concat([book, Buffer.from('\r\n')]),
      'far behind': Buffer.concat([book, Buffer.alloc(60_000, 7)]),
    };
    for (const [name, bytes] of Object.entries(books)) {
      expect(bytes.equals(book), name).toBe(false);
      writeFileSync(join(data, 'inbox/x.xlsx'), bytes);
      const { manifest, refusals } = await stage(data, { force: true });
      expect(manifest?.staged, `${name}: ${refusals}`).toMatchObject({ rows: 93, checksum: CHECKSUM });
    }
    const csv = await zipOf({ 'SDF49P202501.csv': readFileSync(join(ROOT, 'data/sample/SDF49P202501.csv')) });
    const other = dataFolder();
    writeFileSync(join(other, 'inbox/x.xlsx'), Buffer.concat([csv, Buffer.alloc(70)]));
    const { manifest } = await stage(other);
    expect(manifest.staged).toMatchObject({ rows: 93, checksum: CHECKSUM });

    const twice = (await zipOf({ 'a/x.csv': 'x', 'b/x.csv': 'y' }))
      .toString('latin1')
      .replaceAll('b/x', 'a\\x');
    writeFileSync(join(data, 'inbox/x.xlsx'), Buffer.from(twice, 'latin1'));
    expect((await stage(data)).refusals).toMatch(/F01 .*a\/x\.csv is in the archive twice/);
  });

  test('the same file is not read again, and other sheets of it are', async () => {
    const data = dataFolder();
    const half = texts().slice(0, 60);
    await write(join(data, 'inbox/x.xlsx'), [
      { name: 'All', rows: [HEADER, ...texts()] },
      { name: 'Half', rows: [[...HEADER].reverse(), ...half.map((row) => [...row].reverse())] },
    ]);
    const run = async (sheet?: string, acceptOutlier = false) => {
      const { manifest, code, refusals } = await stage(data, { sheets: sheet ? [sheet] : [], acceptOutlier });
      return [code, manifest?.status, manifest?.staged?.rows, refusals];
    };
    const [code, , , said] = await run();
    expect(code).toBe(1);
    expect(said).toMatch(/holds several tables, or sheets whose headers differ: SDF in "All", SDF in "Half"/);
    expect((await run('all')).slice(0, 3)).toEqual([0, 'staged', 93]);
    expect((await run('All')).slice(0, 3)).toEqual([0, 'unchanged', 93]);
    expect((await run('Half', true)).slice(0, 3)).toEqual([0, 'staged', 60]);
    expect((await run('Sales'))[3]).toMatch(/has no sheet "Sales"[\s\S]*its sheets are "All", "Half"/);
  });
});

describe('what is not read says why', () => {
  test('workbooks without a roll, or with rows that would be lost', async () => {
    const data = dataFolder();
    const books: Record<string, [SheetOf[], RegExp]> = {
      none: [
        [
          {
            name: 'A',
            rows: [
              ['x', 'y'],
              [1, 2],
            ],
          },
        ],
        /F02 .*none\.xlsx: none of its sheets is a NAL, SDF or NAP: "A" begins with x, y/,
      ],
      hidden: [
        [
          { name: 'A', rows: [] },
          { name: 'H', state: 'hidden', rows: [HEADER, ...texts()] },
        ],
        /F02 .*hidden\.xlsx: holds a roll only in the hidden sheet "H"\n.*--sheet "H"/,
      ],
      header: [[{ rows: [HEADER] }], /F09 .*header\.xlsx/],
      continued: [
        [
          { name: 'A', rows: [HEADER, ...texts().slice(0, 50)] },
          { name: 'B', rows: texts().slice(50) },
        ],
        /F02 .*continued\.xlsx: goes on in the sheet "B", which has no header/,
      ],
      blanks: [
        [
          { name: 'A', rows: [HEADER, ...texts().slice(0, 50)] },
          {
            name: 'B',
            rows: texts()
              .slice(50)
              .map((row) => row.map((value) => value && ` ${value} `)),
          },
        ],
        /F02 .*blanks\.xlsx: goes on in the sheet "B", which has no header/,
      ],
      wide: [
        [
          {
            rows: [
              [...HEADER, ...Array.from({ length: 1100 }, (_, index) => `X${index}`)],
              ...texts().slice(0, 2),
            ],
          },
        ],
        /F02 .*wide\.xlsx: has 1100 columns that are no field of the roll/,
      ],
    };
    for (const [name, [sheets]] of Object.entries(books))
      await write(join(data, `inbox/${name}.xlsx`), sheets);
    const { code, refusals } = await stage(data);
    expect(code).toBe(1);
    for (const [, message] of Object.values(books)) expect(refusals).toMatch(message);

    const beyond = texts().map((row) => [...row, ...Array(1100).fill('x')]);
    const { manifest } = await offer([{ rows: [HEADER, ...beyond] }]);
    expect(manifest.reason).toMatch(/F02 .*has 1100 columns that are no field of the roll/);
  });

  test('identifiers as numbers of several widths', async () => {
    const rows = changed([
      [1, 'PARCEL_ID', 470000000234],
      [2, 'PARCEL_ID', 70000000377],
    ]);
    // Texts of the same column would tell their width.
    for (const row of rows) row[at('PARCEL_ID')] = Number(row[at('PARCEL_ID')]);
    const { code, manifest } = await offer([{ rows: [HEADER, ...rows] }]);
    expect([code, manifest.status, manifest.staged]).toEqual([1, 'stopped', null]);
    expect(manifest.reason).toMatch(/F13 .*PARCEL_ID \(11 to 12 digits\).*leading zeros.*cannot be known/);
  });

  /** The head of a compound file whose directory names a stream. */
  const compound = (stream: string) => {
    const bytes = Buffer.alloc(2048);
    Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes);
    bytes.writeUInt16LE(9, 30);
    bytes.writeUInt32LE(1, 48);
    bytes.write(stream, 1024, 'utf16le');
    return bytes;
  };

  test('other formats are told by content, also inside zips, each with its remedy', async () => {
    const data = dataFolder();
    const whole = await workbookOf({ sheets: [{ xml: '' }] });
    const xlsb = await zipOf({ '[Content_Types].xml': '<Types/>', 'xl/workbook.bin': 'x' });
    const ods = await zipOf({
      mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
      'content.xml': '<x/>',
    });
    const files: Record<string, [Buffer, RegExp?]> = {
      'old.xls': [
        compound('Workbook'),
        /old\.xls: is an old Excel workbook \(\.xls\).*\n.*save it as "Excel Workbook/,
      ],
      'renamed.xlsx': [compound('Workbook'), /renamed\.xlsx: is an old Excel workbook/],
      'secret.xlsx': [
        compound('EncryptedPackage'),
        /is a password-protected workbook.*\n.*take the password away/,
      ],
      'a.7z': [Buffer.from('377abcaf271c', 'hex'), /a\.7z: is a 7-Zip archive/],
      'text.xlsx': [Buffer.from('CO_NO,PARCEL_ID\r\n'), /is called \.xlsx and is none/],
      'cut.xlsx': [whole.subarray(0, 700), /F01 .*cut\.xlsx.*(cut off|damaged)/],
      'packed.zip': [await zipOf({ 'a.xlsx': xlsb }), /a\.xlsx: is a binary Excel workbook \(\.xlsb\)/],
      'nested.zip': [await zipOf({ 'b.zip': ods }), /b\.zip: is an OpenDocument sheet \(\.ods\)/],
      'xml.xls': [
        Buffer.from(
          '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        ),
        /xml\.xls: is an Excel 2003 XML spreadsheet.*\n.*save it as "Excel Workbook/,
      ],
      'flat.fods': [
        Buffer.from(
          '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
        ),
        /flat\.fods: is a flat OpenDocument sheet/,
      ],
      'table.xls': [
        Buffer.from('<html><body><table><tr><td>CO_NO</td></tr></table></body></html>'),
        /table\.xls: is a web page under the name of a workbook.*\n.*save it as "Excel Workbook/,
      ],
      'missing.csv': [
        Buffer.from('<html><h1>Not found</h1></html>'),
        /missing\.csv: is a web page and not a roll/,
      ],
      'other.xml': [Buffer.from('<?xml version="1.0"?><x/>'), /other\.xml: is an XML file and no workbook/],
      '~$open.xlsx': [Buffer.from('lock file of Excel')],
    };
    for (const [name, [bytes]] of Object.entries(files)) writeFileSync(join(data, 'inbox', name), bytes);
    const { code, refusals } = await stage(data);
    expect(code).toBe(1);
    for (const [, message] of Object.values(files)) if (message) expect(refusals).toMatch(message);
    expect(refusals).not.toContain('~$');
  });
});

function zipOf(members: Record<string, Buffer | string>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(members)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

test('dor why leads back to the sheet and its row, and past a copy that was rejected', async () => {
  const sheets = [
    { name: 'Old', rows: [HEADER, ...texts(ROWS.slice(0, 40))] },
    { name: 'New', rows: [HEADER, ...texts([...ROWS.slice(40), ROWS[50]!])] },
  ];
  const { data, code } = await offer(sheets, { maxRejectPct: 5 });
  expect(code).toBe(0);
  const row = ROWS[50]!;
  const { stdout } = await dor(data, ['why', row[at('SALE_ID_CD')]!, 'sale_price', '--json']);
  const found = JSON.parse(stdout).find(
    ({ key }: { key: { parcel_id: string } }) => key.parcel_id === row[at('PARCEL_ID')],
  );
  expect(found.source).toMatchObject({ file: 'x.xlsx', members: ['New'], line: 12 });
  expect(splitLine(found.source.text)).toEqual(row);
});
