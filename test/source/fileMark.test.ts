import { copyFileSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingestHere } from '../inProcess.ts';
import { smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** One roll of a small county, ingested; what a further ingest makes of it. */
async function once(kind: 'SDF' | 'NAP') {
  const data = dataFolder();
  const files = (await smallCounty(data, 40)).map(({ path }) => path);
  const path = files.find((one) => one.includes(kind))!;
  const again = async () => {
    const { manifests } = await ingestHere(data, { county: 'union', push: false, sources: [path] });
    return manifests[0]!;
  };
  return { data, path, again, first: await again() };
}

test.each([
  ['written in place', (path: string, text: string) => writeFileSync(path, text)],
  [
    'put in its place',
    (path: string, text: string) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
  ],
])('other content of the same size and mtime is another file: %s', async (_, write) => {
  const { path, again, first } = await once('NAP');
  expect(first.status).toBe('staged');
  expect((await again()).status).toBe('unchanged');
  const { atime, mtime } = statSync(path);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(/[A-Z]{4}(?=[^,]*","[^"]*","[^"]*","[A-Z]{2}")/, 'QQQQ');
  expect(changed).not.toBe(text);
  write(path, changed);
  utimesSync(path, atime, mtime);
  const last = await again();
  expect(last.status).toBe('staged');
  expect(last.source.fileMtimeMs).toBe(first.source.fileMtimeMs);
});

test('the time of a copy says nothing of the roll: the same rules are broken and the same days counted', async () => {
  const { data, path, first } = await once('SDF');
  expect(first.source.fileDate).toBe('2025-06-30');
  utimesSync(path, new Date('2027-03-01'), new Date('2027-03-01'));
  const { manifests } = await ingestHere(data, {
    county: 'union',
    push: false,
    sources: [path],
    force: true,
  });
  expect(manifests[0]!.source.fileDate).toBe('2025-06-30');
  expect(manifests[0]!.rules).toEqual(first.rules);

  const unnamed = join(data, 'sales.csv');
  copyFileSync(path, unnamed);
  const other = await ingestHere(data, { county: 'union', push: false, force: true, sources: [unnamed] });
  const [unknown] = other.manifests;
  expect(unknown!.source.fileDate).toBeNull();
  expect(unknown!.staged!.rows).toBe(first.staged!.rows);
  const days = unknown!.columns.find(({ name }) => name === 'days_since_sale')!;
  expect(days).toMatchObject({ filled: 0 });
});
