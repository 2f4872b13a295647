import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCompleter } from '../../src/query/completion.ts';
import { openLake } from '../../src/query/lake.ts';
import { endOfStatement, isEmpty } from '../../src/query/statements.ts';
import { wordsOf } from '../../src/query/words.ts';
import { dor, ROOT } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-shell-'));
beforeAll(() => dor(data, ['ingest', 'liberty', '--no-push']));

describe('where the query comes from', () => {
  const env = { ...process.env, DOR_DATA: data };

  test('a file, standard input, an output file', async () => {
    const file = join(data, 'q.sql');
    writeFileSync(
      file,
      '-- a comment; with a semicolon\nselect count(*) as n from dor_sales where county = $county;\n',
    );
    expect((await dor(data, ['sql', '-f', file, '-p', 'county=liberty'])).stdout).toBe('n\n93\n');
    const piped = spawnSync(join(ROOT, 'bin/dor'), ['sql'], {
      env,
      input: 'select 7 as n',
      encoding: 'utf8',
    });
    expect(piped.stdout).toBe('n\n7\n');
    expect((await dor(data, ['sql', '.tables'])).stdout).toContain('dor_sales\n');
    const limited = await dor(data, [
      'sql',
      '.saved sales-by-month group=%',
      '--format',
      'ndjson',
      '--limit',
      '1',
    ]);
    expect(limited.stdout).toMatch(/^\{"month":"[\d-]+","deeds":\d+,.*\}\n$/);
    expect(await dor(data, ['sql', '.tabels'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean .tables?'),
    });
    expect((await dor(data, ['sql', "select null as a, '' as b, 'x' as c"])).stdout).toBe('a,b,c\n,"",x\n');
    const out = join(data, 'sums.parquet');
    await dor(data, ['sql', 'select sum(9007199254740993::bigint) as s', '--format', 'parquet', '-o', out]);
    const bytes = readFileSync(out);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      compressors,
    });
    expect(String(rows[0]!.s)).toMatch(/^900719925474099[23]/);
    // The engine itself reads every digit back.
    const connection = await (await DuckDBInstance.create()).connect();
    const [[sum]] = (await connection.runAndReadAll(`select s::varchar from '${out}'`)).getRowsJson() as [
      [string],
    ];
    expect(sum).toBe('9007199254740993');
  });

  test.each([
    [['sql', 'select $a', '-p', 'b=1'], /needs values for \$a/],
    [['sql', 'select 1', '-p', 'b'], /no name=value/],
    [['sql', '--saved', 'nothing-like-it'], /no saved query.*top-holders/s],
    [['sql', '--saved', 'top-holder'], /did you mean top-holders/],
  ])('%j is explained', async (args, message) => {
    const { code, stderr, stdout } = await dor(data, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('values are bound, not spliced, and nothing is guessed', async () => {
    const { stdout } = await dor(data, ['sql', 'select $a as a, typeof($a) as t', '-p', "a=007' or 1=1 --"]);
    expect(stdout).toBe("a,t\n007' or 1=1 --,VARCHAR\n");
  });
});

test('where a statement ends is where the engine ends it', async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  const piece = fc.constantFrom(
    ...[
      "'a;b'",
      "'it''s;'",
      "'\\'",
      "E'\\';'",
      "e'\\\\'",
      "E'a''\\''",
      '$$;$$',
      "$x$;$$';$x$",
      '$é$;$é$',
      "x'a;'",
    ],
    ...[
      '1 as "a;""b"',
      '1 as a$b$',
      '1 as é$x$',
      '1 as somee',
      '/* ; */ 1',
      '/* /* ; */ ; */ 1',
      '1 --;\n',
      '1 -- \r',
      "1 /*;'*/",
    ],
    ...['1--2;\n', '2*/**/3', '1\u00a0'],
  );
  const between = fc.constantFrom(';', ' ; ', ';;', ';\n-- a; note\n', '/* ; */;', '\u00a0;');
  const query = fc.array(piece, { minLength: 1, maxLength: 4 });
  const texts = fc.array(fc.tuple(query, between), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(texts, async (made) => {
      const text = made.map(([pieces, end]) => `select ${pieces.join(', ')}${end}`).join('');
      let rest = text;
      let found = 0;
      for (let end = endOfStatement(rest); end >= 0; end = endOfStatement(rest)) {
        const statement = rest.slice(0, end);
        rest = rest.slice(end + 1);
        if (isEmpty(statement)) continue;
        found++;
        expect([statement, (await connection.extractStatements(statement)).count]).toEqual([statement, 1]);
      }
      expect([text, isEmpty(rest)]).toEqual([text, true]);
      expect([text, (await connection.extractStatements(text)).count]).toEqual([text, found]);
    }),
    { numRuns: 150 },
  );
  connection.closeSync();
});

test('a long text is looked through once', () => {
  for (const open of ["'", '"', "E'", '/*', '$$', '--'])
    expect(endOfStatement(`select ${open}${'a;'.repeat(3_000_000)}`)).toBe(-1);
});

test('nothing but blanks and comments is no statement', () => {
  for (const text of ['', ' \n', '-- a', '/* b */ -- c\n'])
    expect([text, isEmpty(text)]).toEqual([text, true]);
  expect(isEmpty("/* a */ ''")).toBe(false);
});

test('statements end outside of quotes and comments', () => {
  for (const open of [
    '\';\' -- ;\n, ";" /* ; */',
    "'a;",
    '$$;$$',
    '$x$;$$;$x$',
    "E'\\';'",
    '/* /* ; */ ; */',
    'a$b$;',
  ])
    expect([open, endOfStatement(`select ${open}`)]).toEqual([open, open === 'a$b$;' ? 11 : -1]);
  for (const closed of ["'it''s;'", '$$;$$', "E'\\';'", '$n', "date'2020-01-01'", '/* /* ; */ ; */ 1'])
    expect([closed, endOfStatement(`${closed}; -- done;`)]).toEqual([closed, closed.length]);
});

test('completion knows tables, columns of the tables that are named, keywords and commands', async () => {
  const lake = await openLake(join(data, 'lake'));
  const complete = createCompleter(await wordsOf(lake));
  expect(complete('from dor_sal')[0]).toEqual(['dor_sales', 'dor_sales_current']);
  expect(complete('from dor_tangible select naics')[0]).toEqual(['naics_code']);
  expect(complete('from dor_sales select naics')[0]).toEqual([]);
  expect(complete('sele')[0]).toContain('select');
  expect(complete('.sch')[0]).toEqual(['.schema']);
  lake.close();
});

/** The shell on a real terminal: Debian's `script` gives it one. */
test('a shell on a terminal', { timeout: 60_000 }, async () => {
  const env = { ...process.env, DOR_DATA: data, TERM: 'dumb' };
  const child = spawn('script', ['-qec', `${join(ROOT, 'bin/dor')} sql`, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let seen = '';
  child.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  const until = async (what: RegExp) => {
    for (let tries = 0; !what.test(seen); tries++) {
      if (tries > 400) throw new Error(`never said ${what}: ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    seen = '';
  };
  await until(/dor> /);
  child.stdin.write('select count(*) as many\nfrom dor_sales\n;\n');
  await until(/ 93[\s\S]*1 row in [\d.]+ s/);
  child.stdin.write('select count(*) from range(100000000) a, range(100000) b where a.range < b.range;\n');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.stdin.write('\x03');
  await until(/cancelled/);
  child.stdin.write('.mode line\nselect null as nothing, map {1: 2} as pairs;\n');
  await until(/nothing = NULL\s+pairs = \{"1":2\}/);
  child.stdin.write('.mode tabel\n');
  await until(/did you mean table/);
  child.stdin.write('.mode table\n.limit 2\nfrom counties;\n');
  await until(/the first 2 rows, more with \.limit/);
  child.stdin.write('.limit\n.schema dor_medians\n');
  await until(/median_just_value +BIGINT/);
  child.stdin.write('.output /nonexistent/x\nselect 1 as n;\n');
  await until(/\/nonexistent cannot be written to/);
  child.stdin.write(`.output ${join(data, 'an answer.csv')}\n.mode csv\nselect 2 as n;\n`);
  await until(/written to/);
  expect(readFileSync(join(data, 'an answer.csv'), 'utf8')).toBe('n\n2\n');
  child.stdin.write('.saved top-holders rows=1\n');
  await until(/written to/);
  expect(readFileSync(join(data, 'an answer.csv'), 'utf8')).toMatch(/^owner_name,.*\n.*\n$/);
  child.stdin.write(".output\n-- a note; of mine\n;select chr(27) || '[31m' as red;\n");
  await until(/red\r\n␛\[31m\r\n1 row/);
  child.stdin.write('drop view dor_sales;\n');
  await until(/Only queries that read/);
  child.stdin.write('.quit\n');
  await new Promise((resolve) => child.on('close', resolve));
  expect(readFileSync(join(data, 'sql-history'), 'utf8')).toMatch(
    /^select count\(\*\) as many\nfrom dor_sales\n;\n/,
  );
});

test('dor catalog: any DuckDB client opens the file', async () => {
  const path = join(data, 'catalog with space.duckdb');
  const { code, stdout } = await dor(data, ['catalog', '-o', path]);
  expect([code, stdout]).toEqual([0, `${path}\n`]);
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  expect(await read('select count(*)::int from dor_properties_current')).toEqual([[800]]);
  expect(await read('select count(*)::int from counties')).toEqual([[67]]);
  expect(await read("select comment from duckdb_views() where view_name = 'dor_sales'")).toEqual([
    [expect.stringContaining('One row per sale')],
  ]);
  connection.closeSync();
  instance.closeSync();
  const empty = await dor(mkdtempSync(join(tmpdir(), 'dor-shell-')), ['catalog']);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('Nothing is staged yet')]);
});
