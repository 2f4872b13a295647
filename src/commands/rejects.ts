import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { literal } from '../engine.ts';
import { DorError, EXIT, explain } from '../errors.ts';
import { dataPaths, STOPPED_LETTERS, yearsIn } from '../lake/paths.ts';
import { type County, DATASETS, type Dataset, TABLES } from '../model.ts';
import { SQL } from '../project.ts';
import type { Lake } from '../query/lake.ts';
import { FORMATS, runQuery } from '../query/runQuery.ts';
import { confidentialKeys, keyFiles, parseRedact, readAll, relationsOf } from '../redaction.ts';
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
async function prepare(session: Lake, lake: string, county: County, hideText: boolean): Promise<void> {
  const { connection } = session;
  await connection.run(readFileSync(join(SQL, 'normalize/confidential.sql'), 'utf8'));
  const letters = DATASETS.flatMap((dataset) =>
    ['data.parquet', STOPPED_LETTERS].flatMap((name) => filesOf(lake, 'rejected', dataset, county, name)),
  );
  const sound = await tellDamaged(session, letters, county, 'columns(*)');
  if (letters.length > 0 && sound.length === 0) throw damaged(letters[0]!, county);
  if (sound.length > 0)
    await connection.run(`create or replace temp view rejected as from ${readAll(sound)}`);
  const files = keyFiles(lake, county);
  const named = "columns(c -> c in ('parcel_id', 'account_id', 'is_confidential'))";
  const staged = [];
  for (const rolls of files.staged) staged.push(await tellDamaged(session, rolls, county, named));
  const others = files.rejected.filter((file) => !letters.includes(file));
  const read = files.rejected.filter((file) => sound.includes(file));
  read.push(...(await tellDamaged(session, others, county, 'columns(*)')));
  // Whose record a text is cannot be told where one of them cannot be read.
  const hide =
    hideText || staged.flat().length < files.staged.flat().length || read.length < files.rejected.length;
  await connection.run(`set variable county = ${literal(county.slug)}; set variable hide_text = ${hide}`);
  const query = confidentialKeys(staged.flatMap(relationsOf), relationsOf(read)[0] ?? null);
  await connection.run(`create or replace temp table confidential_keys as ${query}`);
}

function filesOf(
  lake: string,
  state: string,
  dataset: Dataset,
  { slug }: County,
  name = 'data.parquet',
): string[] {
  const folder = join(lake, state, TABLES[dataset], `county=${slug}`);
  return yearsIn(folder)
    .map((year) => join(folder, `year=${year}`, name))
    .filter((file) => existsSync(file));
}

/** Those files of which these columns can be read; the others are named, and the command does not end well. */
async function tellDamaged(
  { connection }: Lake,
  files: string[],
  county: County,
  columns: string,
): Promise<string[]> {
  const sound: string[] = [];
  for (const file of files) {
    try {
      await connection.run(`select count(${columns}) from ${readAll([file])}`);
      sound.push(file);
    } catch {
      process.stderr.write(`${explain(damaged(file, county))}\n`);
      process.exitCode = EXIT.gate;
    }
  }
  return sound;
}

const damaged = (file: string, { slug }: County) =>
  new DorError(`${file} is damaged and left out`, `dor ingest ${slug} writes it again`);
