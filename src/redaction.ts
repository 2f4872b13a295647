/**
 * What no report, sample, log or listing shows: every value of a parcel or account whose owner's home is exempt from
 * disclosure (sql/normalize/confidential.sql), and every value of a column that was named.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal, verbatim } from './engine.ts';
import { DorError, EXIT } from './errors.ts';
import { rejectedFolder, stagedFolder, yearsIn } from './lake/paths.ts';
import type { ColumnChange } from './lake/plans.ts';
import { isColumn, relatedColumns } from './lineage.ts';
import {
  type ColumnProfile,
  type County,
  DATASETS,
  type Dataset,
  type Finding,
  type Partition,
  type RunManifest,
} from './model.ts';
import { SQL } from './project.ts';

/** Stands where a value was left out because of what its parcel is. */
export const CONFIDENTIAL = '(confidential)';
/** Stands where a value was left out because its column was named. */
export const REDACTED = '(redacted)';

/**
 * Column names of a `--redact` option or of DOR_REDACT, lower-case.
 * @throws DorError when no roll has a column of that name: a slip of the pen must not show what should be hidden.
 */
export function parseRedact(option: string[], environment = process.env.DOR_REDACT): string[] {
  const given = option.length > 0 ? option : [environment ?? ''];
  const names = given
    .flatMap((text) => text.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  for (const name of names) {
    if (DATASETS.some((dataset) => isColumn(dataset, name))) continue;
    throw new DorError(
      `--redact ${name}: no roll has such a column`,
      'use a name of data/reference/fields.csv or of a staged table, such as owner_name or OWN_NAME',
      EXIT.usage,
    );
  }
  return [...new Set(names)];
}

/** All names, as staged and as in the roll, of the columns to hide; of the roll's columns and what is made from them. */
export const hiddenColumns = (dataset: Dataset, named: string[]): Set<string> =>
  new Set(named.flatMap((name) => relatedColumns(dataset, name)));

/** Hides what must be hidden in sampled rows. `confidential` is a column of the rows and goes. */
export function redactSamples(
  samples: Record<string, unknown>[],
  hidden: Set<string>,
): Record<string, string | null>[] {
  return samples.map(({ confidential, ...row }) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (confidential === true) return [name, CONFIDENTIAL];
        return [name, hidden.has(name) && value !== null ? REDACTED : (value as string | null)];
      }),
    ),
  );
}

/** A profile without the values of hidden columns: fill and variety stay. */
export function redactProfile(columns: ColumnProfile[], hidden: Set<string>): ColumnProfile[] {
  return columns.map((column) =>
    hidden.has(column.name)
      ? { ...column, min: REDACTED, max: REDACTED, quantiles: null, histogram: null, top: [] }
      : column,
  );
}

/** Changes of hidden columns are counted and not shown. @param keys columns that samples are named by. */
export const redactChanges = (columns: ColumnChange[], keys: string[], hidden: Set<string>): ColumnChange[] =>
  columns.map((column) => ({
    ...column,
    samples: column.samples.map((sample) => ({
      ...(hidden.has(column.name) ? { before: REDACTED, after: REDACTED } : sample),
      key: keys.some((name) => hidden.has(name)) ? REDACTED : sample.key,
    })),
  }));

/** Fewer rows than this are no statistic: a quantile or a common value of theirs may be that of one parcel. */
const STATISTIC_ROWS = 1000;

/** What may still be told of rows that are gone and held parcels that turned out confidential. @param ids of these. */
export function withoutValues(
  { columns, distributions, profiledRows }: RunManifest,
  ids: Set<string>,
): Pick<RunManifest, 'columns' | 'distributions'> {
  const few = profiledRows < STATISTIC_ROWS;
  return {
    columns: columns.map((column) => ({
      ...column,
      min: column.min && CONFIDENTIAL,
      max: column.max && CONFIDENTIAL,
      ...(few && { quantiles: null, histogram: null }),
      top: few ? [] : column.top.filter(({ value }) => !ids.has(value)),
    })),
    distributions: few ? [] : distributions,
  };
}

/** A finding about a hidden column says that something moved, and not what. */
export const redactFindings = (findings: Finding[], hidden: Set<string>): Finding[] =>
  findings.map((finding) =>
    finding.name && hidden.has(finding.name) && ['quantiles', 'shares'].includes(finding.measure)
      ? { ...finding, message: `${finding.name}: its ${finding.measure} moved ${REDACTED}` }
      : finding,
  );

/** A manifest as it may be shown when columns were named after the run. */
export function redactManifest(manifest: RunManifest, named: string[]): RunManifest {
  if (named.length === 0) return manifest;
  const hidden = hiddenColumns(manifest.dataset, named);
  const findings = redactFindings(manifest.findings, hidden);
  // The reason quotes findings.
  const reason = manifest.findings.reduce(
    (text, { message }, index) => text?.replaceAll(message, findings[index]!.message) ?? null,
    manifest.reason,
  );
  return {
    ...manifest,
    reason,
    findings,
    rules: manifest.rules.map((rule) => ({ ...rule, samples: redactSamples(rule.samples, hidden) })),
    columns: redactProfile(manifest.columns, hidden),
    distributions: manifest.distributions.filter(({ columns }) => !columns.some((name) => hidden.has(name))),
    redaction: {
      ...manifest.redaction,
      columns: [...new Set([...manifest.redaction.columns, ...named])],
    },
  };
}

/**
 * A query of the keys (`id_key`) of confidential parcels and accounts: those that a staged roll flags, of any year, because
 * a home does not move, and those that a record says of which is not staged. Where such a record is no row, everything in
 * it that looks like an id counts. Needs the macros of sql/normalize/confidential.sql.
 * @param staged relations of parcels and accounts. @param rejected dead letters; null when there are none.
 */
export function confidentialKeys(staged: string[], rejected: string | null): string {
  // Files of former versions, and the other roll's, lack columns.
  const from = (columns: string[], relation: string) =>
    `(select ${columns.map((name) => `null::varchar as ${name}`).join(', ')}, null::boolean as is_confidential where false
      union all by name from ${relation})`;
  const selects = staged.map(
    (relation) =>
      `select id_key(coalesce(parcel_id, account_id)) as key from ${from(['parcel_id', 'account_id'], relation)} where is_confidential`,
  );
  if (rejected)
    selects.push(
      `select unnest(case when record_id is null then id_keys_in(text) else [id_key(record_id)] end) as key
       from ${from(['record_id', 'text'], rejected)} where confidential(text)`,
    );
  return `select distinct key from (${['select null::varchar as key', ...selects].join(' union all ')}) where key is not null`;
}

/** Whether a parcel's or account's id is one of the table `confidential_keys`. */
export const isOfConfidential = (id: string) => `coalesce(id_key(${id}) in (from confidential_keys), false)`;

/** Leaves the table `confidential_keys(key)`: what the lake knows of the county. The sales roll has no owners and needs it. */
export async function listConfidential(engine: Engine, lake: string, { county }: Partition): Promise<void> {
  await engine.file(join(SQL, 'normalize/confidential.sql'));
  const sound = async (files: string[]) => {
    const readable = [];
    for (const file of files) if (await isReadable(engine, file)) readable.push(file);
    return relationsOf(readable);
  };
  const { staged, rejected } = keyFiles(lake, county);
  const relations = [];
  for (const files of staged) relations.push(...(await sound(files)));
  const [letters] = await sound(rejected);
  const query = confidentialKeys(relations, letters ?? null);
  await engine.run(`create or replace temp table confidential_keys as ${query}`);
}

/** The files as one relation, or none. */
export const relationsOf = (files: string[]) => (files.length > 0 ? [readAll(files)] : []);

/** Files that say what is confidential in a county: staged ones of each roll with owners, and dead letters of accepted and stopped runs. */
export function keyFiles(lake: string, county: County): { staged: string[][]; rejected: string[] } {
  const owners = ['nal', 'nap'] as const;
  const below = (folderOf: typeof stagedFolder, dataset: Dataset) => {
    const folder = join(folderOf(lake, { dataset, county, year: 0 }), '..');
    return yearsIn(folder).flatMap((year) => {
      const names = readdirSync(join(folder, `year=${year}`)).sort();
      return names
        .filter((name) => name.endsWith('.parquet'))
        .map((name) => join(folder, `year=${year}`, name));
    });
  };
  return {
    staged: owners.map((dataset) => below(stagedFolder, dataset)),
    rejected: owners.flatMap((dataset) => below(rejectedFolder, dataset)),
  };
}

export const readAll = (files: string[]) =>
  `read_parquet([${files.map((file) => literal(verbatim(file))).join(', ')}], union_by_name = true, hive_partitioning = false)`;

/** A damaged file is made again by the run that finds it so, which then hides what it says. */
const isReadable = (engine: Engine, file: string): Promise<boolean> =>
  engine
    .rows(
      `select count(columns(c -> c in ('parcel_id', 'account_id', 'is_confidential', 'text'))) from ${readAll([file])}`,
    )
    .then(
      () => true,
      () => false,
    );
