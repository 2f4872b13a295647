import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock } from '../../src/lake/lock.ts';
import { dataPaths, lockFile } from '../../src/lake/paths.ts';
import { openLake } from '../../src/query/lake.ts';
import { describeStatus } from '../../src/status.ts';
import { traceValue } from '../../src/why/trace.ts';
import { ingestHere } from '../inProcess.ts';
import { libertyRoll } from '../liberty.ts';
import { dataFolder, dor, temporaryFolder } from '../workspace.ts';

/** The folder under another name, on which nothing can be written; null where only root may do that. */
function readOnly(folder: string): string | null {
  const path = join(temporaryFolder(), 'here');
  mkdirSync(path);
  try {
    execFileSync('mount', ['--bind', folder, path], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', [path]));
  execFileSync('mount', ['-o', 'remount,bind,ro', path]);
  return path;
}

test('a data folder that is read-only: what only reads goes on, what writes says so', async (context) => {
  const data = dataFolder();
  writeFileSync(join(data, 'inbox/NAP49P202501.csv'), libertyRoll('NAP'));
  await ingestHere(data, { county: 'liberty', push: false });
  const here = readOnly(data);
  if (!here) return context.skip('only root may mount');
  const { lake } = dataPaths(here);
  expect(describeStatus(lake)).toMatch(/liberty NAP 2025 +staged/);
  const session = await openLake(lake);
  expect(
    (await session.connection.runAndReadAll('select count(*)::int from dor_tangible')).getRows(),
  ).toEqual([[100]]);
  session.close();
  const [trace] = await traceValue(dataPaths(here), { id: 'T00000003', column: 'just_value', redact: [] });
  expect(trace!.source.line).toBe(3);
  const said = {
    code: 3,
    message: expect.stringMatching(/cannot be .*written to: it is on a read-only file system/),
  };
  await expect(ingestHere(here, { county: 'liberty' })).rejects.toMatchObject(said);
  await expect(takeLock(lockFile(lake, 'liberty'), 'Liberty')).rejects.toMatchObject(said);
  const report = await dor(here, ['report', 'liberty']);
  expect([report.code, report.stderr]).toEqual([
    3,
    expect.stringMatching(/read-only[^\n]*\n {2}→ [^\n]*\n$/),
  ]);
});
