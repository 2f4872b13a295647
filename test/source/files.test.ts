import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { ingestHere, linesOf } from '../inProcess.ts';
import { SHARED, sharedData } from '../shared.ts';
import { dataFolder, ingest, ROOT } from '../workspace.ts';

const roll = (name: string) => readFileSync(join(ROOT, `data/sample/${name}49P202501.csv`));
const text = (name: string) => roll(name).toString();

async function zipOf(path: string, members: Record<string, Buffer | string>): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(members)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** Ingests what `fill` puts into the inbox, without pushing. */
async function offer(fill: (inbox: string) => void | Promise<void>, args: string[] = []) {
  const data = dataFolder();
  await fill(join(data, 'inbox'));
  const end = await ingest(data, ['liberty', '--no-push', ...args]);
  return { ...end, data, manifests: end.result?.manifests ?? [] };
}

describe('each kind of file problem has its own message', () => {
  const refusals: [string, (inbox: string) => void | Promise<void>, RegExp][] = [
    ['an empty file', (inbox) => writeFileSync(join(inbox, 'NAL49P202501.csv'), ''), /F01 .*is empty/],
    [
      'a header only',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), `${text('SDF').split('\r\n')[0]}\r\n`),
      /F09 .*header and no rows/,
    ],
    [
      'a zip cut off',
      async (inbox) => {
        await zipOf(join(inbox, 'a.zip'), { 'SDF49P202501.csv': roll('SDF') });
        writeFileSync(join(inbox, 'a.zip'), readFileSync(join(inbox, 'a.zip')).subarray(0, 900));
      },
      /F01 .*cut off or damaged/,
    ],
    [
      'a zip with a changed byte',
      async (inbox) => {
        const zip = new yazl.ZipFile();
        zip.addBuffer(roll('SDF'), 'SDF49P202501.csv', { compress: false });
        zip.end();
        await pipeline(zip.outputStream, createWriteStream(join(inbox, 'a.zip')));
        const bytes = readFileSync(join(inbox, 'a.zip'));
        bytes[4000] = bytes[4000]! ^ 1;
        writeFileSync(join(inbox, 'a.zip'), bytes);
      },
      /F01 .*(checksum .* is wrong|damaged)/,
    ],
    [
      'a missing column',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), text('SDF').replace('QUAL_CD', 'QUALITY')),
      /F02 .*without the column QUAL_CD/,
    ],
    [
      'a renamed column',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), text('SDF').replace('SALE_PRC', 'SALEPRC')),
      /SALEPRC may be SALE_PRC renamed/,
    ],
    [
      'a NAV file',
      (inbox) => writeFileSync(join(inbox, 'NAVN162401.txt'), '16,474131031040,1,2,3\r\n'),
      /F02 .*is a NAV file: non-ad valorem/,
    ],
    [
      'something else',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), 'name,phone\r\nX,1\r\n'),
      /F02 .*is no NAL, SDF or NAP/,
    ],
    [
      'NUL bytes',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), text('SDF').replace('4700', '47\0\0')),
      /F06 .*NUL bytes/,
    ],
    [
      'a file cut off',
      (inbox) => writeFileSync(join(inbox, 'a.csv'), roll('SDF').subarray(0, 9000)),
      /F06 .*no line end/,
    ],
    [
      'a way out of the zip',
      async (inbox) => {
        await zipOf(join(inbox, 'a.zip'), { 'aa/SDF49P202501.csv': roll('SDF') });
        const bytes = readFileSync(join(inbox, 'a.zip')).toString('latin1').replaceAll('aa/SDF', '../SDF');
        writeFileSync(join(inbox, 'a.zip'), Buffer.from(bytes, 'latin1'));
      },
      /F01 .*(leaves the archive|invalid relative path)/,
    ],
    [
      'a zip bomb',
      (inbox) => zipOf(join(inbox, 'a.zip'), { 'SDF49P202501.csv': Buffer.alloc(80 << 20, 'a') }),
      /F01 .*zip bomb/,
    ],
    [
      'an old workbook',
      (inbox) => writeFileSync(join(inbox, 'a.xls'), Buffer.from('d0cf11e0a1b11ae1', 'hex')),
      /F01 .*old Excel workbook/,
    ],
    [
      'too many columns that are no field',
      (inbox) =>
        writeFileSync(
          join(inbox, 'a.csv'),
          text('SDF')
            .split('\r\n')
            .map(
              (line, i) =>
                line && line + (i > 0 ? ',y' : ',X').repeat(1100).replace(/X/g, (_, at) => `X${at}`),
            )
            .join('\r\n'),
        ),
      /F02 .*has 1100 columns that are no field of the roll/,
    ],
    [
      'a zip without a roll',
      (inbox) => zipOf(join(inbox, 'a.zip'), { 'README.md': 'hello' }),
      /F01 .*holds no roll file/,
    ],
    [
      'mixed years',
      (inbox) =>
        writeFileSync(
          join(inbox, 'a.csv'),
          text('SDF')
            .split('\r\n')
            .map((line, i) => (i > 40 ? line.replace(',2025,', ',2024,') : line))
            .join('\r\n'),
        ),
      /F07 .*mixes counties, roll years/,
    ],
  ];
  test.each(refusals)('%s', async (_, fill, message) => {
    const { code, stderr, result } = await offer(fill);
    expect(code).toBe(1);
    expect(stderr + JSON.stringify(result)).toMatch(message);
  });

  test.runIf(SHARED)('a web page saved as a zip', async () => {
    const { code, stderr } = await ingest(dataFolder(), [
      'broward',
      '--source',
      sharedData('not_found_page.zip'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/F01 .*is a web page and not a roll/);
  });

  test('the wrong county', async () => {
    const source = join(ROOT, 'data/sample/SDF49P202501.csv');
    const { code, stderr } = await ingest(dataFolder(), ['broward', '--source', source]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/F07 .*holds Liberty \(CO_NO 49\), not Broward \(16\)/);
  });

  test('a NAP that is called NAL is read as what it is, and never as parcels', async () => {
    const { code, manifests } = await offer((inbox) =>
      writeFileSync(join(inbox, 'NAL49P202501.csv'), roll('NAP')),
    );
    expect(code).toBe(0);
    expect(manifests).toHaveLength(1);
    expect(manifests[0]).toMatchObject({ dataset: 'nap', table: 'dor_tangible', verdict: 'warn' });
    expect(manifests[0].fileRules[0]).toMatchObject({
      id: 'F08',
      message: expect.stringMatching(/says NAL, the header is a NAP's/),
    });
  });
});

describe('a header is no row, and a row no header', () => {
  const spoiled: [string, string, RegExp][] = [
    [
      'a blank behind a quoted name of the header',
      text('SDF').replace('CO_NO,', '"CO_NO" ,'),
      /F02 .*malformed header line: text follows a closing quote/,
    ],
    [
      'a carriage return in the header',
      text('SDF').replace('PARCEL_ID,', 'PARCEL_ID\r,'),
      /F02 .*malformed header line: a carriage return/,
    ],
    [
      'an open quote in an extra name of the header',
      text('SDF').replace('CO_NO,', 'CO_NO,N"X",'),
      /F02 .*malformed header line: a quote opens/,
    ],
    [
      'carriage returns alone',
      text('SDF').replaceAll('\r\n', '\r'),
      /F02 .*ends its lines with a carriage return alone/,
    ],
    ['100,000 columns', `${'COLUMN,'.repeat(1e5)}\r\n1\r\n`, /F02 .*no line end in its first 256 KB/],
    [
      'all columns twice',
      text('SDF').replace(/^.*$/gm, '$&,$&').replaceAll('\r,', ','),
      /F02 .*has the column CO_NO, PARCEL_ID, ASMNT_YR and 20 others twice/,
    ],
    [
      'a comma at the end of rows alone',
      text('SDF').replaceAll(/(?<=\n.+)\r\n/g, ',\r\n'),
      /F09 .*line 2 has 24 values, 23 expected, and it ends with a comma that the header has not/,
    ],
  ];
  test.each(spoiled)('%s', async (_, content, message) => {
    const data = dataFolder();
    writeFileSync(join(data, 'inbox/a.csv'), content);
    const { code, refused, manifests } = await ingestHere(data, { county: 'liberty', push: false });
    expect(code).toBe(1);
    const reasons = [...refused.map((one) => one.message), ...manifests.map(({ reason }) => reason)];
    expect(reasons.join()).toMatch(message);
  });

  test('--json names every refused file, on stdout as well', async () => {
    const { code, result } = await offer((inbox) => {
      writeFileSync(join(inbox, 'a.csv'), '');
      writeFileSync(join(inbox, 'b.csv'), text('SDF').replace('CO_NO,', '"CO_NO" ,'));
    });
    expect(code).toBe(1);
    expect(result).toMatchObject({ manifests: [], exitCode: 1, refused: [{ rule: 'F01' }, { rule: 'F02' }] });
  });
});

describe('whatever it is wrapped in and written with, the same rows', () => {
  const latin = (content: string) => Buffer.from(content, 'latin1');
  const utf16 = (content: string) => Buffer.from(`\ufeff${content}`, 'utf16le');
  const swapped = (content: string) => utf16(content).swap16();
  const ways: [string, (inbox: string) => void | Promise<void>, string?][] = [
    ['csv', (inbox) => writeFileSync(join(inbox, 'x.csv'), roll('SDF'))],
    [
      'deep in folders',
      (inbox) => {
        mkdirSync(join(inbox, 'a/b/c'), { recursive: true });
        writeFileSync(join(inbox, 'a/b/c/x.csv'), roll('SDF'));
      },
    ],
    ['csv.gz', (inbox) => writeFileSync(join(inbox, 'x.csv.gz'), gzipSync(roll('SDF')))],
    [
      'zip',
      (inbox) => zipOf(join(inbox, 'x.zip'), { 'folder/x.csv': roll('SDF'), '__MACOSX/._x.csv': 'junk' }),
    ],
    [
      'zip in zip',
      async (inbox) => {
        await zipOf(join(inbox, 'inner.tmp'), { 'x.csv': roll('SDF') });
        await zipOf(join(inbox, 'x.zip'), { 'inner.zip': readFileSync(join(inbox, 'inner.tmp')) });
      },
    ],
    ['lf', (inbox) => writeFileSync(join(inbox, 'x.csv'), text('SDF').replaceAll('\r\n', '\n'))],
    [
      'mixed line ends',
      (inbox) =>
        writeFileSync(
          join(inbox, 'x.csv'),
          text('SDF')
            .split('\r\n')
            .map((line, i) => line + (i % 3 ? '\r\n' : '\n'))
            .join('')
            .trimEnd()
            .concat('\n'),
        ),
    ],
    [
      'a byte order mark',
      (inbox) => writeFileSync(join(inbox, 'x.csv'), `\ufeff${text('SDF')}`),
      'utf-8-bom',
    ],
    ['utf-16 little endian', (inbox) => writeFileSync(join(inbox, 'x.csv'), utf16(text('SDF'))), 'utf-16le'],
    ['utf-16 big endian', (inbox) => writeFileSync(join(inbox, 'x.csv'), swapped(text('SDF'))), 'utf-16be'],
  ];
  test.each(ways)('%s', async (_, fill, encoding = 'utf-8') => {
    const { code, manifests } = await offer(fill);
    expect(code).toBe(0);
    expect(manifests[0].source.encoding).toBe(encoding);
    expect(manifests[0].staged).toMatchObject({ rows: 93, checksum: SDF_CHECKSUM });
  });

  test('Windows-1252 is read as that, and counted', async () => {
    const named = text('NAP').replace(/"(NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY) /, '"CAFÉ ');
    const { manifests, data } = await offer((inbox) => writeFileSync(join(inbox, 'x.csv'), latin(named)));
    expect(manifests[0].source.encoding).toBe('windows-1252');
    const line = named.split('\n').findIndex((one) => one.includes('CAFÉ')) + 1;
    expect(manifests[0].fileRules).toContainEqual(
      expect.objectContaining({ id: 'F05', message: expect.stringMatching(`^1 bytes.*\\(lines ${line}\\)`) }),
    );
    const [name] = await linesOf(data, "select owner_name from dor_tangible where owner_name like 'CAFÉ%'");
    expect(name).toContain('CAFÉ');
  });

  test.each([
    ['csv', (inbox: string, bytes: Buffer) => writeFileSync(join(inbox, 'x.csv'), bytes)],
    ['zip', (inbox: string, bytes: Buffer) => zipOf(join(inbox, 'x.zip'), { 'x.csv': bytes })],
  ])('one byte that is no UTF-8 costs no other name anything: %s', async (_, put) => {
    const names = text('NAP')
      .split('\n')
      .map((line, at) =>
        at % 2 ? line.replace(/"(NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY) /, '"PEÑA ') : line,
      );
    const wide = names.filter((line) => line.includes('PEÑA')).length;
    const one = names.findIndex((line) => /"(NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY) /.test(line));
    const [before, after] = names[one]!.split(/(?<=")(?:NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY) /);
    const bytes = Buffer.concat([
      Buffer.from(`${names.slice(0, one).join('\n')}\n${before}`),
      latin('CAFÉ '),
      Buffer.from(`${after}\n${names.slice(one + 1).join('\n')}`),
    ]);
    const { manifests, data } = await offer((inbox) => put(inbox, bytes));
    expect(manifests[0].source.encoding).toBe('utf-8+windows-1252');
    expect(manifests[0].fileRules).toContainEqual(
      expect.objectContaining({
        id: 'F05',
        message: `1 bytes are no UTF-8 and were read as Windows-1252 (lines ${one + 1})`,
      }),
    );
    const query =
      "select count(*) filter (owner_name like 'PEÑA %'), count(*) filter (owner_name like 'CAFÉ %') from dor_tangible";
    expect(wide).toBeGreaterThan(1);
    expect(await linesOf(data, query)).toEqual([`${wide},1`]);
  });

  test('a comma at the end of all lines is a column without a name', async () => {
    const { code, manifests } = await offer((inbox) =>
      writeFileSync(join(inbox, 'x.csv'), text('SDF').replaceAll('\r\n', ',\r\n')),
    );
    expect(code).toBe(0);
    expect(manifests[0].source.extraColumns).toEqual(['COLUMN 24']);
    expect(manifests[0].staged.rows).toBe(93);
  });

  test('a Parquet file', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const { manifests } = await offer(async (inbox) => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      await connection.run(
        `copy (from read_csv('${join(ROOT, 'data/sample/SDF49P202501.csv')}', all_varchar = true)) to '${join(inbox, 'x.parquet')}' (format parquet)`,
      );
    });
    expect(manifests[0].staged).toMatchObject({ rows: 93, checksum: SDF_CHECKSUM });
  });

  test('extra columns are kept as text and counted, another order is read by name', async () => {
    const lines = text('SDF').trimEnd().split('\r\n');
    const moved = lines.map((line, i) =>
      [i === 0 ? 'EXMPT_47' : `extra ${i}`, ...line.split(',').reverse()].join(','),
    );
    const { manifests, data } = await offer((inbox) =>
      writeFileSync(join(inbox, 'x.csv'), `${moved.join('\r\n')}\r\n`),
    );
    expect(manifests[0].source.extraColumns).toEqual(['EXMPT_47']);
    expect(manifests[0].fileRules.map((rule: { id: string }) => rule.id)).toEqual(['F03', 'F03']);
    const counted = await linesOf(
      data,
      "select count(*) from dor_sales where extra->>'EXMPT_47' like 'extra %'",
    );
    expect(counted).toEqual(['93']);
  });
});

/** Of the sample's Liberty sales: however they come, these are the rows. */
const SDF_CHECKSUM = '31661816231037430621';
