import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { DATASETS } from '../model.ts';
import { parseRedact } from '../redaction.ts';
import { type RowTrace, traceValue, type ValueTrace } from '../why.ts';

/** `dor why`. */
export const whyCommand = (parser: Argv) =>
  parser.command(
    'why <id> [column]',
    'Where a value comes from: SQL, run, file, line and text',
    (y) =>
      y
        .positional('id', { type: 'string', demandOption: true, describe: 'parcel, account or sale id' })
        .positional('column', { type: 'string', describe: 'a staged column; all that are filled without' })
        .option('county', { type: 'string', describe: 'when several have the id' })
        .option('year', { type: 'number', describe: 'roll year (default: the newest)' })
        .option('roll', { choices: DATASETS, describe: 'only this roll' })
        .option('redact', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'columns whose values it leaves out (default: DOR_REDACT)',
        })
        .option('json', { type: 'boolean', default: false })
        .example('$0 why 494025090010 just_value', 'one value of a parcel')
        .example('$0 why 494025090010 --roll sdf', 'its sales, every column'),
    async ({ id, column, county, year, roll, redact, json }) => {
      const traces = await traceValue(dataPaths(), {
        id,
        column,
        county,
        year,
        roll: roll as (typeof DATASETS)[number] | undefined,
        redact: parseRedact(redact),
      });
      process.stdout.write(json ? `${JSON.stringify(traces, null, 2)}\n` : traces.map(describe).join('\n'));
    },
  );

function describe(trace: RowTrace): string {
  const { table, county, year, key, source, run, gone, published, values, confidential } = trace;
  const keys = Object.entries(key).map(([name, value]) => `${name} ${value}`);
  const line = (name: string, text: string) => `  ${name.padEnd(10)} ${text}\n`;
  const published_ = published.map(
    ({ target, run: by, current }) =>
      `${target} by ${by}${current ? '' : ', an older state than what is staged'}`,
  );
  return [
    `${table} ${county} ${year}: ${keys.join(', ')}\n`,
    confidential ? line('hidden', 'the record is confidential: its values are left out') : '',
    ...values.map((value) => describeValue(value)),
    line('file', [source.file, ...source.members].join(' › ')),
    line('sha256', source.sha256),
    source.line === null ? '' : line('line', String(source.line)),
    source.text === null ? '' : line('text', source.text),
    gone ? line('no text', gone) : '',
    line('run', `${run.run}, ${run.status}, ended ${run.finishedAt}`),
    line('versions', `SQL ${run.sqlVersion}, DuckDB ${run.engine}`),
    line('published', published_.join('; ') || 'to no target that this lake knows of'),
  ].join('');
}

function describeValue({ column, value, roll, made }: ValueTrace): string {
  const steps = made.map(
    ({ at, expression, reads }) =>
      `      ${at}  ${expression}${reads.length > 0 ? `  — from ${reads.join(', ')}` : ''}\n`,
  );
  const raw = roll.map(
    ({ name, text }) => `${name} ${text === null ? 'is blank or not known' : JSON.stringify(text)}`,
  );
  return `  ${column} = ${value ?? 'NULL'}\n${raw.length > 0 ? `      roll: ${raw.join(', ')}\n` : ''}${steps.join('')}`;
}
