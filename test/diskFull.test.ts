import { randomBytes } from 'node:crypto';
import { createWriteStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import yazl from 'yazl';
import { expectFullDisk } from '../src/diskFull.ts';
import { Engine } from '../src/engine.ts';
import { DorError } from '../src/errors.ts';
import type { Candidate } from '../src/source/candidate.ts';
import { discover } from '../src/source/discover.ts';
import { spool } from '../src/source/spool.ts';
import { smallDisk } from './smallDisk.ts';
import { temporaryFolder } from './workspace.ts';

/** 3.1 MB that pack to half of that. */
const CSV = `A\r\n${randomBytes(1_500_000).toString('hex').replaceAll(/.{58}/g, '$&\r\n')}\r\n`;

async function zip(path: string, name: string, content: string | Buffer): Promise<string> {
  const made = new yazl.ZipFile();
  made.addBuffer(Buffer.from(content), name);
  made.end();
  await pipeline(made.outputStream, createWriteStream(path));
  return path;
}

const read = (members: string[], kind: Candidate['kind']) => (path: string, scratch: string) => {
  const facts = { path, members, kind, bytes: Buffer.byteLength(CSV), fileBytes: 0, fileMtimeMs: 0 };
  return spool({ candidate: { ...facts, fileDate: null }, columns: 1, scratch, name: 'x' });
};
const thrownBy = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error as DorError,
  );

test('whatever fills the disk: one code, the figure of what needs it, and nothing is left there', async (context) => {
  const disk = smallDisk('1m');
  if (!disk) return context.skip('only root may mount a small file system');
  const folder = temporaryFolder();
  const member = await zip(join(folder, 'one.zip'), 'x.csv', CSV);
  const inner = await zip(join(folder, 'inner'), 'x.csv', CSV);
  const nested = await zip(join(folder, 'two.zip'), 'inner.zip', readFileSync(inner));
  writeFileSync(join(folder, 'x.csv.gz'), gzipSync(CSV));
  const cases: [() => Promise<unknown>, RegExp][] = [
    [
      () => read(['x.csv'], 'csv')(member, disk.path),
      /one\.zip › x\.csv needs 3\.\d\d MB in \S+, where 1\.05 MB are free/,
    ],
    // What it unpacks to: the archive around it may be of any size.
    [() => discover([nested], disk.path), /inner\.zip needs 1\.[6-9]\d MB in \S+, where 1\.05 MB are free/],
    [
      () => read([], 'csv.gz')(join(folder, 'x.csv.gz'), disk.path),
      /x\.csv\.gz does not fit into \S+, where 1\.05 MB are free/,
    ],
  ];
  for (const [work, said] of cases) {
    const error = await thrownBy(work());
    expect(error?.message).toMatch(said);
    expect(error).toMatchObject({ name: 'DorError', code: 1 });
    expect(readdirSync(disk.path)).toEqual([]);
  }
});

test('an engine that spills onto a full disk says "out of memory": that is a full disk, too', async (context) => {
  const disk = smallDisk('1m');
  if (!disk) return context.skip('only root may mount a small file system');
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 40, tempDirectory: disk.path });
  const sorted = engine.run(
    'create table t as select md5(i::varchar) as x from range(3000000) r(i) order by 1',
  );
  const error = expectFullDisk(await thrownBy(sorted));
  engine.close();
  expect((error as Error).message).toMatch(/^The disk is full/);
  expect(error).toBeInstanceOf(DorError);
});
