import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { dataPaths } from '../../src/lake/paths.ts';
import { writeCatalog } from '../../src/query/catalogFile.ts';
import { runQuery } from '../../src/query/runQuery.ts';
import { describeStatus } from '../../src/status.ts';
import { traceValue } from '../../src/why/trace.ts';
import { ingestHere } from '../inProcess.ts';
import { libertyRoll } from '../liberty.ts';
import { temporaryFolder } from '../workspace.ts';

/** What a query over the lake answers, as CSV. */
async function ask(lake: string, query: string): Promise<string[]> {
  const out = new PassThrough();
  const text = (async () => (await out.toArray()).join(''))();
  await runQuery({ lake, query, format: 'csv', out });
  out.end();
  return (await text).trim().split(/\r?\n/);
}

test.each([
  ['x[a]*?{b}"q\'\\y', 'x[a]zz?{b}"q\'\\y'],
  ['back\\slash', 'backslash'],
])(
  'a data folder called %s: every file of it is read, and none of its neighbour %s',
  async (name, neighbour) => {
    const folder = temporaryFolder();
    const data = join(folder, name);
    const { lake, inbox } = dataPaths(data);
    mkdirSync(inbox, { recursive: true });
    writeFileSync(join(inbox, 'NAP49P202501.csv'), libertyRoll('NAP').replace('"C000000000","P"', '"","P"'));
    const options = { county: 'liberty', maxRejectPct: 50, push: false };
    const first = await ingestHere(data, options);
    expect([first.code, first.manifests[0]!.status]).toEqual([0, 'staged']);
    cpSync(data, join(folder, neighbour), { recursive: true });
    const again = await ingestHere(data, { ...options, force: true });
    expect(again.manifests[0]).toMatchObject({ ledger: first.manifests[0]!.ledger, status: 'staged' });
    expect(again.manifests[0]!.baseline).toMatchObject({ runs: [first.manifests[0]!.run] });
    const counts = `select (select count(*) from dor_tangible) as rows_, (select count(*) from rejected) as letters,
    (select count(*) from runs) as runs, (select count(*) from quality_runs) as remembered`;
    expect((await ask(lake, counts))[1]).toBe('99,1,2,2');
    expect(describeStatus(lake)).toMatch(/liberty NAP 2025/);
    expect(existsSync(join(data, 'reports/liberty-2025.html'))).toBe(true);
    const [trace] = await traceValue(dataPaths(data), { id: 'T00000003', column: 'just_value', redact: [] });
    expect(trace!.source).toMatchObject({ line: 3, text: expect.stringContaining('T00000003') });
    const catalog = join(data, 'made here/lake.duckdb');
    expect(await writeCatalog(lake, catalog)).toContain('rejected');
    mkdirSync(dirname(catalog), { recursive: true });
    cpSync(catalog, join(folder, 'moved.duckdb'));
    const connection = await (await DuckDBInstance.create(join(folder, 'moved.duckdb'))).connect();
    expect((await connection.runAndReadAll('select count(*)::int from dor_tangible')).getRows()).toEqual([
      [99],
    ]);
    connection.closeSync();
  },
);
