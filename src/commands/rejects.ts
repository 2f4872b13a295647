import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { damagedAmong, gatherKeys, tellingFiles, unreadable, without } from '../confidential.ts';
import { DorError, EXIT, explain } from '../errors.ts';
import { dataPaths, letterFiles, partitionsIn } from '../lake/paths.ts';
import type { County } from '../model.ts';
import { SQL } from '../project.ts';
import type { Lake } from '../query/lake.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { parseRedact } from '../redaction.ts';
import { findCounty } from '../reference.ts';
import { literal, verbatim } from '../sqlText.ts';
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
      const shown = await runQuery({
        lake: dataPaths().lake,
        query: readFileSync(join(SQL, 'report/rejects.sql'), 'utf8'),
        format: format ?? defaultFormat(Boolean(process.stdout.isTTY)),
        out: process.stdout,
        limit: rowsAtMost({ limit }),
        prepare: (session) => prepare(session, dataPaths().lake, findCounty(county), hideText),
      });
      tellCut(shown);
    },
  );

/**
 * What sql/report/rejects.sql needs: the county's dead letters, and which records may not be shown. Only the county's own
 * files are read; one that is damaged is named, and costs itself only.
 */
async function prepare({ connection }: Lake, lake: string, county: County, hideText: boolean): Promise<void> {
  const letters = partitionsIn(lake, 'rejected', county).flatMap((partition) => letterFiles(lake, partition));
  const telling = tellingFiles(lake, county);
  const broken = new Set([
    ...(await unreadable(connection, letters, 'columns(*)')),
    ...(await damagedAmong(connection, telling)),
  ]);
  for (const file of broken) tell(damaged(file, county));
  const sound = letters.filter((file) => !broken.has(file));
  if (letters.length > 0 && sound.length === 0) throw damaged(letters[0]!, county);
  if (sound.length > 0)
    await connection.run(
      `create or replace temp view rejected as from read_parquet([${sound.map((file) => literal(verbatim(file))).join(', ')}], union_by_name = true, hive_partitioning = false)`,
    );
  await gatherKeys(connection, without(telling, broken));
  // Whose record a text is cannot be told where one of them cannot be read.
  const hide = hideText || [...telling.rolls, ...telling.letters].some((file) => broken.has(file));
  await connection.run(`set variable county = ${literal(county.slug)}; set variable hide_text = ${hide}`);
}

/** What is damaged is named, and the command does not end well. */
function tell(error: DorError): void {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = EXIT.gate;
}

const damaged = (file: string, { slug }: County) =>
  new DorError(`${file} is damaged and left out`, `dor ingest ${slug} writes it again`);
