import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordScanner } from '../../src/source/records.ts';
import { temporaryFolder } from '../workspace.ts';

/** Good records and bad lines of a text, cut into chunks of the given sizes. */
function scan(text: string, fields: number, sizes: number[] = []) {
  const bytes = Buffer.from(text);
  const good: string[] = [];
  const bad: { line: number; text: string; fault: string }[] = [];
  const scanner = new RecordScanner(
    {
      good: (data, start, end) => good.push(data.subarray(start, end).toString()),
      bad: (data, start, end, line, fault) =>
        bad.push({ line, text: data.subarray(start, end).toString(), fault }),
    },
    { fields, each: true },
  );
  let at = 0;
  for (const size of sizes) {
    scanner.push(bytes.subarray(at, at + size));
    at += size;
  }
  scanner.push(bytes.subarray(at));
  const complete = scanner.end();
  return { good, bad, complete, scanner };
}

describe('records', () => {
  test.each([
    ['a,b\r\n1,2\r\n', ['a,b\r\n', '1,2\r\n'], []],
    ['"x, y",2\n', ['"x, y",2\n'], []],
    ['"two\nlines",2\n', ['"two\nlines",2\n'], []],
    ['"say ""hi""",2\n', ['"say ""hi""",2\n'], []],
    ['1,2,3\n4,5\n', ['4,5\n'], [[1, '1,2,3', '3 values, 2 expected']]],
    ['1\n4,5\n', ['4,5\n'], [[1, '1', '1 values, 2 expected']]],
    ['a"b,2\n4,5\n', ['4,5\n'], [[1, 'a"b,2', 'a quote opens inside an unquoted value']]],
    ['"a"b,2\n4,5\n', ['4,5\n'], [[1, '"a"b,2', 'text follows a closing quote']]],
    [
      '"never closed,2\n4,5\n6,7\n',
      ['4,5\n', '6,7\n'],
      [[1, '"never closed,2', 'a quote opens and never closes']],
    ],
    ['\n1,2\n', ['1,2\n'], []],
  ])('%j', (text, good, bad) => {
    const found = scan(text as string, 2);
    expect(found.good).toEqual(good);
    expect(found.bad.map(({ line, text, fault }) => [line, text, fault])).toEqual(bad);
  });

  test('a last record without a line end is noticed', () => {
    expect(scan('1,2\n3,4', 2).complete).toBe(false);
    expect(scan('1,2\n3,4\n', 2).complete).toBe(true);
  });

  test.each([[[]], [[1 << 20, 1 << 20, 100]], [[65_536, 65_536, 3_000_000]]])(
    'a line of 2 MB is one line, and nothing in it is a record: chunks of %j',
    (sizes) => {
      const long = 'x'.repeat(1_500_000);
      const { good, bad } = scan(`1,2\n"${long},3,4\n5,6\n7\n`, 2, sizes);
      expect(good).toEqual(['1,2\n', '5,6\n']);
      expect(bad.map(({ line, text }) => [line, text.length])).toEqual([
        [2, long.length + 5],
        [4, 1],
      ]);
    },
  );

  test('of a line without end 2 MB are kept, and it is said', () => {
    const { bad, complete } = scan(`1,2\n${'x,y'.repeat(1 << 20)}`, 2, Array(60).fill(60_000));
    expect(complete).toBe(false);
    expect(bad).toHaveLength(1);
    expect(bad[0]!.text).toHaveLength(2 << 20);
    expect(bad[0]!.fault).toContain('3145728 bytes');
  });

  const nasty = fc
    .array(fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', 'é', ' ', '12', '"x,y"', '"p\nq"'), {
      maxLength: 60,
    })
    .map((parts) => parts.join(''));

  test('where the chunks are cut changes nothing', () => {
    fc.assert(
      fc.property(nasty, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), (text, sizes) => {
        const whole = scan(text, 2);
        const cut = scan(text, 2, sizes);
        expect(cut.good).toEqual(whole.good);
        expect(cut.bad).toEqual(whole.bad);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is called good is what DuckDB reads, strictly', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const path = join(temporaryFolder(), 'nasty.csv');
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        const good = scan(text.replaceAll('\r\n', '\n'), 2).good.filter((record) => record.endsWith('\n'));
        writeFileSync(path, `h1,h2\n${good.join('')}`);
        const reader = await connection.runAndReadAll(
          `select count(*) from read_csv('${path}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
             strict_mode = true, columns = {'h1': 'varchar', 'h2': 'varchar'})`,
        );
        expect(Number(reader.getRows()[0]![0])).toBe(good.length);
      }),
      { numRuns: 400 },
    );
  });
});
