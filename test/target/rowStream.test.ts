import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine.ts';
import { streamRows } from '../../src/target/rowStream.ts';
import { temporaryFolder } from '../workspace.ts';

let engine: Engine;
let scratch: string;
beforeEach(async () => {
  scratch = temporaryFolder();
  engine = await Engine.open({ threads: 1, memoryLimitMb: 200, tempDirectory: scratch });
});
afterEach(() => engine.close());

async function collect(select: string): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of streamRows(engine, select, scratch)) chunks.push(chunk);
  return chunks;
}

test('every chunk ends with a whole line, also where values hold line ends', async () => {
  const chunks = await collect("select i, repeat('x' || chr(10) || '\"', 50) as text from range(60000) t(i)");
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks) expect(/^"\d+","x\n/.test(chunk.toString())).toBe(true);
  expect(
    Buffer.concat(chunks)
      .toString()
      .match(/^"\d+",/gm),
  ).toHaveLength(60000);
});

test('the first value of a row is quoted, NULL is not; no rows are no chunks', async () => {
  const chunks = await collect("select unnest(['\\.', null, 'a\"b']), 1, 'x'");
  expect(Buffer.concat(chunks).toString()).toBe('"\\.",1,x\n,1,x\n"a""b",1,x\n');
  expect(await collect('select 1 where false')).toEqual([]);
});

test('a query that fails at once ends the stream with its error', async () => {
  await expect(collect('select * from nowhere')).rejects.toThrow(/nowhere/);
});

test('a query that fails on the way ends the stream with its error', async () => {
  await expect(
    collect("select case when i = 90000 then error('stop') else i end from range(100000) t(i)"),
  ).rejects.toThrow(/stop/);
});

test('whoever stops reading stops the writer', async () => {
  for await (const _ of streamRows(engine, 'select * from range(50000000)', scratch)) break;
  expect(await engine.row('select 1 as one')).toEqual({ one: 1 });
});
