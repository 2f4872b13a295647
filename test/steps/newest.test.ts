import { copyFileSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingestHere } from '../inProcess.ts';
import { dataFolder } from '../workspace.ts';
import { smallCounty } from './smallCounty.ts';

/** Files of one partition, what was published last first. */
const ORDER = [
  'NAP73F202502VAB.csv',
  'NAP73F202502.csv',
  'NAP73F202501.csv',
  'NAP73P202502.csv',
  'NAP73P202501.csv',
  'tangible.csv',
];

test.each([
  ['in the order of their folders', (index: number) => index],
  ['against it', (index: number) => ORDER.length - index],
])(
  'of the files of one partition the last submission is taken, whatever their dates; they lie %s',
  async (_, folder) => {
    const data = dataFolder();
    const files = await smallCounty(data, 20);
    const paths = ORDER.map((name, index) => {
      mkdirSync(join(data, `inbox/${folder(index)}`));
      const path = join(data, `inbox/${folder(index)}/${name}`);
      copyFileSync(files.find(({ path }) => path.includes('NAP'))!.path, path);
      const day = new Date(Date.UTC(2025, 6, 1 + index));
      utimesSync(path, day, day);
      return path;
    });
    for (const { path } of files) rmSync(path);
    for (const [index, path] of paths.entries()) {
      const { stderr, manifests } = await ingestHere(data, { county: 'union', dryRun: true });
      expect(
        manifests.map(({ source }) => source.file.split('/').at(-1)),
        stderr,
      ).toEqual([ORDER[index]]);
      for (const older of ORDER.slice(index + 1)) expect(stderr).toContain(`${older} is left out`);
      rmSync(path);
    }
  },
);
