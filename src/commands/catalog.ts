import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { writeCatalog } from '../query/catalogFile.ts';

/** `dor catalog`. */
export const catalogCommand = (parser: Argv) =>
  parser.command(
    'catalog',
    'Write a DuckDB file of views over the lake, for other tools',
    (y) =>
      y
        .option('output', {
          alias: 'o',
          type: 'string',
          describe: 'the file; default: catalog.duckdb in the data folder',
        })
        .example('$0 catalog', 'then, say: duckdb -readonly data/catalog.duckdb'),
    async ({ output }) => {
      const { lake } = dataPaths();
      const path = resolve(output ?? join(lake, '../catalog.duckdb'));
      const names = await writeCatalog(lake, path);
      process.stdout.write(`${path}\n`);
      process.stderr.write(`${names.length} tables and views: ${names.join(', ')}\n`);
    },
  );
