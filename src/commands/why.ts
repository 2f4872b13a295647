import type { Argv } from 'yargs';
import { dataPaths } from '../lake/paths.ts';
import { parseRedact } from '../redaction.ts';
import { DATASETS } from '../rolls.ts';
import { harmless } from '../terminal.ts';
import { type RowTrace, traceValue, type ValueTrace } from '../why/trace.ts';

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
      process.stdout.write(
        json ? `${JSON.stringify(traces, null, 2)}\n` : harmless(traces.map(describe).join('\n')),
      );
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
    ...values.map((value) => (values.length === 1 ? describeValue(value) : describeBriefly(value))),
    values.length === 1 ? '' : line('how', 'name a column to see the SQL that made it'),
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

/** The roll's columns with their text, as far as the file told. */
const rollText = ({ roll }: ValueTrace) =>
  roll
    .filter(({ text }) => text !== null)
    .map(({ name, text }) => `${name} ${JSON.stringify(text)}`)
    .join(', ');

function describeBriefly(trace: ValueTrace): string {
  const text = rollText(trace);
  return `  ${trace.column.padEnd(34)} ${trace.value ?? 'NULL'}${text ? `  ← ${text}` : ''}\n`;
}

function describeValue(trace: ValueTrace): string {
  const steps = trace.made.map(
    ({ at, expression, reads }) =>
      `      ${at}  ${expression}${reads.length > 0 ? `  — from ${reads.join(', ')}` : ''}\n`,
  );
  const text = rollText(trace) || (trace.roll.length > 0 ? 'blank, or not known' : '');
  return `  ${trace.column} = ${trace.value ?? 'NULL'}\n${text ? `      roll: ${text}\n` : ''}${steps.join('')}`;
}
