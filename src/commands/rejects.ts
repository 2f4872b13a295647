import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { literal } from '../engine.ts';
import { dataPaths, SQL } from '../lake/paths.ts';
import type { Lake } from '../query/lake.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { defaultFormat } from '../status.ts';
import { LIMIT, rowsAtMost, tellCut } from './limitOption.ts';

/** `dor rejects`. */
export const rejectsCommand = (parser: Argv) =>
  parser.command(
    'rejects <county>',
    'Rows that were not accepted: line, reason, original text',
    (y) =>
      y
        .positional('county', { type: 'string', demandOption: true })
        .option('format', { choices: FORMATS, describe: 'default: table on a terminal, csv elsewhere' })
        .option('limit', LIMIT)
        .option('redact', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'columns that must not be seen: hides the text, which has them all (default: DOR_REDACT)',
        })
        .example('$0 rejects broward', 'what was rejected and why')
        .example('$0 rejects broward --format csv > rejects.csv', 'to send back to the county'),
    async ({ county, format, limit, redact }) => {
      const hideText = parseRedact(redact).length > 0;
      const { slug } = findCounty(county);
      const shown = await runQuery({
        lake: dataPaths().lake,
        query: readFileSync(join(SQL, 'report/rejects.sql'), 'utf8'),
        format: format ?? defaultFormat(Boolean(process.stdout.isTTY)),
        out: process.stdout,
        limit: rowsAtMost({ limit }),
        prepare: (lake) => prepare(lake, slug, hideText),
      });
      tellCut(shown);
    },
  );

/** What sql/report/rejects.sql needs to know which records may not be shown. */
async function prepare({ connection, tables }: Lake, county: string, hideText: boolean): Promise<void> {
  await connection.run(readFileSync(join(SQL, 'normalize/confidential.sql'), 'utf8'));
  await connection.run(`set variable county = ${literal(county)}; set variable hide_text = ${hideText}`);
  const known = tables.includes('dor_properties')
    ? (await connection.runAndReadAll('describe dor_properties')).getRows().map(([name]) => name)
    : [];
  await connection.run(
    `create or replace temp table confidential_parcels as ${
      known.includes('is_confidential')
        ? `select distinct parcel_id from dor_properties where county = ${literal(county)} and is_confidential`
        : 'select null::varchar as parcel_id where false'
    }`,
  );
}
