import { copyFileSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingestHere } from '../inProcess.ts';
import { smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

/** Files of one partition, what was published last first. */
const ORDER = [
  'NAP73F202502VAB.csv',
  'NAP73F202502.csv',
  'NAP73F202501.csv',
  'NAP73P202502.csv',
  'NAP73P202501.csv',
  'tangible.csv',
];

test('of the files of one partition the last submission is taken, whatever their dates and places', async () => {
  const data = dataFolder();
  const files = await smallCounty(data, 20);
  const paths = ORDER.map((name, index) => {
    // The folders go against the order, and the dates with it: the newest submission is the oldest file.
    const folder = join(data, `inbox/${ORDER.length - index}`);
    mkdirSync(folder);
    copyFileSync(files.find(({ path }) => path.includes('NAP'))!.path, join(folder, name));
    const day = new Date(Date.UTC(2025, 6, 1 + index));
    utimesSync(join(folder, name), day, day);
    return join(folder, name);
  });
  for (const { path } of files) rmSync(path);
  for (const [index, path] of paths.entries()) {
    const { stderr, manifests } = await ingestHere(data, { county: 'union', dryRun: true, push: false });
    expect(
      manifests.map(({ source }) => source.file.split('/').at(-1)),
      stderr,
    ).toEqual([ORDER[index]]);
    for (const older of ORDER.slice(index + 1)) expect(stderr).toContain(`${older} is left out`);
    rmSync(path);
  }
});
