import type { Argv } from 'yargs';
import { size } from '../formats.ts';
import { SAMPLE } from '../project.ts';
import { findCounty } from '../reference.ts';
import { generateSample, parseDefects, writeCommittedSample } from '../sample.ts';

/** `dor sample`. */
export const sampleCommand = (parser: Argv) =>
  parser.command(
    'sample',
    'Generate rolls that agree with each other, of any county and size',
    (y) =>
      y
        .option('county', { type: 'string', default: 'broward' })
        .option('year', { type: 'number', default: 2025 })
        .option('rows', { type: 'number', default: 10_000, describe: 'parcels' })
        .option('seed', { type: 'number', default: 1 })
        .option('out', {
          type: 'string',
          describe: 'folder; without it the committed sample is written again',
        })
        .option('format', { choices: ['csv', 'zip'] as const, default: 'csv' as const })
        .option('defect', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'name=share, such as bad_number=0.01',
        })
        .option('real-sales', { type: 'string', describe: 'a real SDF CSV whose parcels are used first' })
        .example('$0 sample --rows 1200000 --out /tmp/rolls', 'a roll of 650 MB')
        .example(
          '$0 sample --rows 5000 --out /tmp/rolls --defect duplicate_key=0.01',
          'one percent of it twice',
        ),
    async ({ out, county, year, rows, seed, format, defect, realSales }) => {
      const files = out
        ? await generateSample({
            out,
            county: findCounty(county),
            year,
            rows,
            seed,
            format,
            realSales,
            defects: parseDefects(defect),
          })
        : await writeCommittedSample(SAMPLE);
      for (const file of files) {
        const speed = (file.bytes / 1e6 / file.seconds).toFixed(0);
        process.stdout.write(
          `${file.path}\t${file.rows} rows\t${size(file.bytes)}\t${speed} MB/s\t${JSON.stringify(file.defects)}\n`,
        );
      }
    },
  );
